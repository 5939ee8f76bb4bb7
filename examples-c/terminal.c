/* Lines from a terminal, for chat.c: a pasted paragraph is one line, whatever its length; the arrows bring
 * back what was asked before; what is typed while an answer is printed waits, unseen, for the next prompt.
 *
 * The terminal's own line editing would cut a line at 4095 bytes and show the arrows as ^[[A, so it is turned
 * off, and a little of it done here: enough for a chat, no more. */
#define _POSIX_C_SOURCE 200809L
#include "terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

enum { ctrl_d = 4, backspace = 8, ctrl_u = 21, escape = 27, delete = 127 };

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char save_cursor[] = "\0337", to_saved_and_clear[] = "\0338\033[J";

static struct termios before;
static int is_terminal;

/* What is being typed; a line of standard input that is no terminal. */
static char *line;
static size_t length, capacity;

/* What was asked before. */
static char **asked;
static size_t asked_count, asked_at;

static void show(const char *text, size_t bytes) {
  fwrite(text, 1, bytes, stdout);
}

static void show_text(const char *text) {
  fputs(text, stdout);
}

static void give_back(void) {
  tcsetattr(STDIN_FILENO, TCSANOW, &before);
  show_text(paste_off);
  fflush(stdout);
}

void terminal_open(void) {
  is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
  if (!is_terminal) return;
  struct termios raw = before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* ISIG stays: Ctrl-C is a signal */
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  atexit(give_back);
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  show_text(paste_on); /* a terminal tells then what is pasted and what is typed */
}

static int append(const char *bytes, size_t count) {
  if (length + count + 1 > capacity) {
    size_t larger = (length + count + 1) * 2;
    char *grown = realloc(line, larger);
    if (!grown) return 0;
    line = grown;
    capacity = larger;
  }
  memcpy(line + length, bytes, count);
  length += count;
  line[length] = '\0';
  return 1;
}

static void type(const char *bytes, size_t count) {
  if (append(bytes, count)) show(bytes, count);
}

/* The line as it is now, from the prompt's end on. */
static void show_again(void) {
  show_text(to_saved_and_clear);
  show(line, length);
}

static void replace(const char *text) {
  length = 0;
  append(text, strlen(text));
  show_again();
}

/* One character, which may be several bytes. */
static void erase(void) {
  while (length > 0 && ((unsigned char)line[length - 1] & 0xC0) == 0x80) length--;
  if (length > 0) length--;
  line[length] = '\0';
  show_again();
}

/* Up is -1, down is 1. */
static void go_back(int step) {
  if (step < 0 && asked_at > 0) asked_at--;
  if (step > 0 && asked_at < asked_count) asked_at++;
  replace(asked_at < asked_count ? asked[asked_at] : "");
}

static void remember(void) {
  char **more = realloc(asked, (asked_count + 1) * sizeof *asked);
  if (!more) return;
  asked = more;
  asked[asked_count] = strdup(line);
  if (asked[asked_count]) asked_count++;
}

/* A byte; less than 0 at the end and after a signal. */
static int next_byte(void) {
  unsigned char byte;
  fflush(stdout);
  errno = 0;
  return read(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

/* What follows an escape, up to its letter: "[A" is the arrow up. Others do nothing. */
static void obey_escape(int *is_pasting) {
  char sequence[16] = "";
  size_t count = 0;
  int byte = next_byte();
  if (byte != '[' && byte != 'O') return;
  while ((byte = next_byte()) >= 0 && count < sizeof sequence - 1) {
    sequence[count++] = (char)byte;
    if (byte >= '@') break;
  }
  if (strcmp(sequence, "A") == 0) go_back(-1);
  if (strcmp(sequence, "B") == 0) go_back(1);
  if (strcmp(sequence, "200~") == 0) *is_pasting = 1;
  if (strcmp(sequence, "201~") == 0) *is_pasting = 0;
}

static const char *read_typed(void) {
  int is_pasting = 0;
  for (;;) {
    int byte = next_byte();
    char typed = (char)byte;
    if (byte < 0 && errno == EINTR) {
      show_text("\n");
      return "";
    }
    if (byte < 0 || (byte == ctrl_d && length == 0)) return NULL;
    if (byte == escape)
      obey_escape(&is_pasting);
    else if (is_pasting && (byte == '\r' || byte == '\n'))
      type("\n", 1);
    else if (byte == '\r' || byte == '\n')
      break;
    else if (byte == delete || byte == backspace)
      erase();
    else if (byte == ctrl_u)
      replace("");
    else if (byte >= ' ' || byte == '\t')
      type(&typed, 1);
  }
  show_text("\n");
  if (length > 0) remember();
  return line;
}

/* A line of a file or a pipe, shown, so that a transcript has both sides. */
static const char *read_line(void) {
  errno = 0;
  ssize_t count = getline(&line, &capacity, stdin);
  if (count < 0 && errno == EINTR) {
    clearerr(stdin);
    show_text("\n");
    return "";
  }
  if (count < 0) return NULL;
  while (count > 0 && (line[count - 1] == '\n' || line[count - 1] == '\r')) line[--count] = '\0';
  if (!isatty(STDIN_FILENO)) printf("%s\n", line);
  return line;
}

const char *terminal_read(const char *prompt) {
  show_text(prompt);
  if (!is_terminal) {
    fflush(stdout);
    return read_line();
  }
  show_text(save_cursor);
  length = 0;
  asked_at = asked_count;
  return append("", 0) ? read_typed() : NULL;
}

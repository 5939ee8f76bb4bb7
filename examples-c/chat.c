/* A conversation in the terminal. Ctrl-C cancels the answer, not the program.
 *
 *   cc chat.c terminal.c $(pkg-config --cflags --libs llm-provider jansson) -o chat
 *   ./chat                                                   whatever provider the environment offers
 *   ./chat --config '{"type":"openai","model":"gpt-4o"}'     or the name of a file that holds this
 *   ./chat --once "Why is the sky blue?"                     one answer, for scripts
 */
#define _POSIX_C_SOURCE 200809L
#include "terminal.h"

#include <llm_provider_jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: chat [--config JSON|FILE] [--model NAME] [--system TEXT] [--once PROMPT]\n";
static const char commands[] = "/model [NAME]  show or change the model\n"
                               "/reset         forget the conversation\n"
                               "/quit          leave (or Ctrl-D)\n"
                               "Ctrl-C         stop the answer\n";

static const char *const dim = "\033[2m", *const plain = "\033[0m";

/* How soon Ctrl-C takes effect while the model is silent. */
enum { poll_ms = 50 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
  (void)signal_number;
  interrupted = 1;
}

/* Without SA_RESTART, so that Ctrl-C at the prompt gives a fresh one. */
static void catch_interrupts(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

static void print_error(llm_status status, const json_t *document) {
  const json_t *error = json_object_get(document, "error");
  const char *message = json_string_value(json_object_get(error, "message"));
  fprintf(stderr, "%s: %s\n", llm_status_name(status), message ? message : "no details");
}

/* -- Printing an answer ------------------------------------------------------------------------------- */

struct printer {
  int is_terminal;
  int is_dimmed;     /* in the middle of reasoning */
  int names_service; /* say who answers where it is not who answered last */
};

static void set_dimmed(struct printer *printer, int dimmed) {
  if (printer->is_dimmed == dimmed) return;
  printer->is_dimmed = dimmed;
  if (printer->is_terminal) fputs(dimmed ? dim : "\033[0m\n\n", stdout);
}

/* Who answers is known when the request goes out, and may change: a router has several to ask. */
static void print_service(const struct printer *printer, const char *start_json) {
  static char last[256];
  char now[sizeof last];
  json_t *start = json_loads(start_json, 0, NULL);
  const char *provider = json_string_value(json_object_get(start, "provider"));
  const char *model = json_string_value(json_object_get(start, "model"));
  snprintf(now, sizeof now, "%s%s%s", provider ? provider : "?", model ? ", " : "", model ? model : "");
  json_decref(start);
  if (strcmp(now, last) == 0) return;
  printf(printer->is_terminal ? "\033[2m[%s]\033[0m\n" : "[%s]\n", strcpy(last, now));
}

static void print_event(struct printer *printer, const llm_event *event) {
  switch (event->type) {
  case LLM_EVENT_START:
    if (printer->names_service) print_service(printer, event->data);
    return;
  case LLM_EVENT_REASONING:
    if (!printer->is_terminal) return; /* a script wants the answer alone */
    set_dimmed(printer, 1);
    break;
  case LLM_EVENT_TEXT:
  case LLM_EVENT_REFUSAL:
    set_dimmed(printer, 0);
    break;
  default:
    return;
  }
  fwrite(event->data, 1, event->len, stdout);
  fflush(stdout);
}

/* Pulls rather than being called back: a signal that comes before the first event must be noticed, too. */
static llm_status print_answer(llm_call *call, int names_service, json_t **result) {
  struct printer printer = {.is_terminal = isatty(STDOUT_FILENO), .names_service = names_service};
  const llm_event *event;
  llm_status status;
  while ((status = llm_call_next(call, poll_ms, &event)) >= 0 && status != LLM_DONE) {
    if (interrupted) llm_call_cancel(call);
    if (event) print_event(&printer, event);
  }
  if (printer.is_dimmed && printer.is_terminal) fputs(plain, stdout);
  putchar('\n');
  fflush(stdout); /* before what stderr may have to say */
  return status < 0 ? status : llm_call_result_json(call, result);
}

/* -- The conversation --------------------------------------------------------------------------------- */

struct chat {
  llm_provider *provider;
  json_t *request; /* {"messages": [...], "model": ...}: the history is in it */
  const char *system;
  int is_conversation; /* not one answer for a script */
};

static json_t *messages_of(const struct chat *chat) {
  return json_object_get(chat->request, "messages");
}

static int append_message(struct chat *chat, const char *role, const char *content) {
  return json_array_append_new(messages_of(chat), json_pack("{s:s, s:s}", "role", role, "content", content));
}

static void reset(struct chat *chat) {
  json_array_clear(messages_of(chat));
  if (chat->system) append_message(chat, "system", chat->system);
}

/* The first choice's message of a result; NULL if there is none or nothing was said. */
static json_t *message_of(const json_t *result) {
  json_t *message = json_object_get(json_array_get(json_object_get(result, "choices"), 0), "message");
  const char *content = json_string_value(json_object_get(message, "content"));
  return content && *content ? message : NULL;
}

/* Asks and prints. What was said stays in the history, also if it was cut short. A question without an answer
 * does not: the next one would be misunderstood. */
static llm_status ask(struct chat *chat, const char *prompt) {
  json_t *messages = messages_of(chat);
  if (append_message(chat, "user", prompt) < 0) {
    fputs("that is not valid UTF-8\n", stderr);
    return LLM_E_INVALID_REQUEST;
  }

  interrupted = 0;
  llm_call *call;
  json_t *result = NULL;
  llm_status status = llm_call_start_json(chat->provider, chat->request, &call, &result);
  if (status >= 0) status = print_answer(call, chat->is_conversation, &result);
  llm_call_free(call);

  json_t *answer = message_of(status >= 0 ? result : json_object_get(result, "partial"));
  if (answer)
    json_array_append(messages, answer);
  else
    json_array_remove(messages, json_array_size(messages) - 1);

  if (status == LLM_E_CANCELLED)
    fputs("[stopped]\n", stderr);
  else if (status < 0)
    print_error(status, result);
  json_decref(result);
  return status;
}

static void change_model(struct chat *chat, const char *name) {
  if (*name) json_object_set_new(chat->request, "model", json_string(name));
  const char *model = json_string_value(json_object_get(chat->request, "model"));
  printf("model: %s\n", model ? model : "the provider's own");
}

/* Returns 0 to leave. */
static int run_command(struct chat *chat, const char *line) {
  if (strcmp(line, "/quit") == 0 || strcmp(line, "/exit") == 0) return 0;
  if (strcmp(line, "/reset") == 0)
    reset(chat);
  else if (strncmp(line, "/model", 6) == 0 && (line[6] == ' ' || line[6] == '\0'))
    change_model(chat, line + 6 + strspn(line + 6, " "));
  else
    fputs(commands, stdout);
  return 1;
}

/* The mock stands in where there is nothing else, and would look like a broken model. */
static void explain_mock(const struct chat *chat) {
  json_t *status = NULL;
  llm_provider_status_json(chat->provider, &status);
  const char *type = json_string_value(json_object_get(status, "type"));
  if (type && strcmp(type, "mock") == 0)
    puts("The built-in mock answers: no model, it says again what you say. For a real one set a key\n"
         "(OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, ...), start a local server such as\n"
         "Ollama, or name a service with --config.");
  json_decref(status);
}

static void converse(struct chat *chat) {
  const char *line;
  int go_on = 1;
  explain_mock(chat);
  terminal_open();
  while (go_on && (line = terminal_read("> "))) {
    if (*line == '/')
      go_on = run_command(chat, line);
    else if (*line)
      ask(chat, line);
  }
  putchar('\n');
}

/* -- The command line --------------------------------------------------------------------------------- */

struct options {
  const char *config, *model, *system, *once;
};

/* Returns 0 if the command line is not understood. */
static int parse_options(int argc, char **argv, struct options *options) {
  const struct {
    const char *name;
    const char **value;
  } known[] = {{"--config", &options->config},
               {"--model", &options->model},
               {"--system", &options->system},
               {"--once", &options->once}};
  for (int i = 1; i < argc; i += 2) {
    size_t k = 0;
    while (k < sizeof known / sizeof *known && strcmp(argv[i], known[k].name) != 0) k++;
    if (k == sizeof known / sizeof *known || i + 1 == argc) return 0;
    *known[k].value = argv[i + 1];
  }
  return 1;
}

/* The configuration: JSON as it stands, or the file of that name. NULL after an error, which is printed. */
static json_t *load_config(const char *config) {
  json_error_t error;
  const int is_json = config[strspn(config, " \t\r\n")] == '{';
  json_t *document = is_json ? json_loads(config, 0, &error) : json_load_file(config, 0, &error);
  if (!document) fprintf(stderr, "%s:%d:%d: %s\n", error.source, error.line, error.column, error.text);
  return document;
}

static llm_provider *open_provider(const char *config) {
  json_t *document = load_config(config);
  if (!document) return NULL;
  llm_provider *provider;
  json_t *error = NULL;
  llm_status status = llm_provider_new_json(document, &provider, &error);
  if (status < 0) print_error(status, error);
  json_decref(error);
  json_decref(document);
  return provider;
}

int main(int argc, char **argv) {
  struct options options = {.config = "{\"type\":\"auto\"}"};
  if (!parse_options(argc, argv, &options)) {
    fputs(usage, stderr);
    return 2;
  }
  struct chat chat = {.provider = open_provider(options.config), .system = options.system};
  chat.is_conversation = !options.once;
  if (!chat.provider) return 2;
  chat.request = json_pack("{s:[]}", "messages");
  if (options.model) json_object_set_new(chat.request, "model", json_string(options.model));
  reset(&chat);
  catch_interrupts();

  llm_status status = LLM_OK;
  if (options.once)
    status = ask(&chat, options.once);
  else
    converse(&chat);

  json_decref(chat.request);
  llm_provider_free(chat.provider);
  return status < 0;
}

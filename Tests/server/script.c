#include "script.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum match_kind { MATCH_METHOD, MATCH_PATH, MATCH_HEADER, MATCH_NO_HEADER, MATCH_BODY, MATCH_NO_BODY };

struct match {
  enum match_kind kind;
  char *text;
};

struct response {
  struct match *matches;
  size_t match_count;
  struct script_reception reception;
  unsigned times; /* how often it is given; 0: for ever */
  struct plan *plan;
};

struct script {
  struct script *next;
  char *segment;
  char *error; /* why it could not be read, or NULL */
  struct response *responses;
  size_t count;
  size_t position;
  unsigned given; /* how often the response at `position` has been given */
};

/* A script whose text came over the network. */
struct definition {
  struct definition *next;
  char *name;
  char *text;
};

static struct script *scripts;
static struct definition *definitions;

/* ---- parsing ---- */

enum length_mode { LENGTH_TRUE, LENGTH_FIXED, LENGTH_RELATIVE, LENGTH_NONE };

/* One response while its lines are read. */
struct draft {
  unsigned lead_wait_ms; /* before the first byte */
  struct bytes interim;  /* interim responses, such as "103 Early Hints" */
  char *status_line;
  struct bytes headers;
  bool has_framing_header;
  bool closes; /* "Connection: close" was said, and is meant */
  struct plan *body;
  enum length_mode length_mode;
  long length;
  bool chunked, gzip;
  struct chunk_style chunks;
  struct bytes extension, trailers;
  size_t split;
  unsigned split_wait_ms, pace_ms;
  bool paced;
  bool used; /* something was said, so that a trailing "===" opens no empty response */
  struct response response;
};

struct parser {
  const struct script_settings *settings;
  struct script *script;
  char *rest;
  unsigned line_number;
  struct draft draft;
};

static bool fail(struct parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *parser, const char *format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  struct bytes error = {0};
  bytes_format(&error, "%s:%u: %s", parser->script->segment, parser->line_number, message);
  bytes_append(&error, "", 1);
  free(parser->script->error);
  parser->script->error = error.data;
  return false;
}

static void begin_draft(struct parser *parser) {
  parser->draft = (struct draft){.body = plan_new(), .response = {.times = 1}};
}

static void free_matches(struct response *response) {
  for (size_t i = 0; i < response->match_count; i++) free(response->matches[i].text);
  free(response->matches);
}

static void free_draft(struct draft *draft) {
  bytes_free(&draft->interim);
  free(draft->status_line);
  bytes_free(&draft->headers);
  plan_release(draft->body);
  bytes_free(&draft->extension);
  bytes_free(&draft->trailers);
}

/* Takes the next line, without its line end; NULL at the end of the text. */
static char *take_line(struct parser *parser) {
  if (*parser->rest == '\0') return NULL;
  char *line = parser->rest;
  size_t length = strcspn(line, "\n");
  parser->rest = line[length] == '\n' ? line + length + 1 : line + length;
  line[length] = '\0';
  if (length > 0 && line[length - 1] == '\r') line[length - 1] = '\0';
  parser->line_number++;
  return line;
}

/* Adds body bytes; with @pace each event (up to its blank line) is a write of its own, and a wait follows. */
static void add_body(struct draft *draft, const char *data, size_t size) {
  while (draft->paced && size > 0) {
    const char *end = memmem(data, size, "\n\n", 2);
    if (end == NULL) break;
    size_t event = (size_t)(end - data) + 2;
    plan_write(draft->body, data, event);
    plan_wait(draft->body, draft->pace_ms);
    data += event;
    size -= event;
  }
  plan_write(draft->body, data, size);
}

static bool parse_heredoc(struct parser *parser, const char *tag) {
  struct bytes text = {0};
  char *line;
  while ((line = take_line(parser)) != NULL && strcmp(line, tag) != 0) {
    bytes_text(&text, line);
    bytes_text(&text, "\n");
  }
  if (line != NULL) add_body(&parser->draft, text.data, text.size);
  bytes_free(&text);
  return line != NULL || fail(parser, "no line \"%s\" ends the body", tag);
}

static char *read_file(const char *directory, const char *name, size_t *size) {
  struct bytes path = {0};
  bytes_format(&path, "%s/%s", directory != NULL ? directory : ".", name);
  bytes_append(&path, "", 1);
  FILE *file = fopen(path.data, "rb");
  bytes_free(&path);
  if (file == NULL) return NULL;
  struct bytes text = {0};
  size_t got;
  do {
    got = fread(bytes_reserve(&text, 65536), 1, 65536, file);
    text.size += got;
  } while (got > 0);
  fclose(file);
  *size = text.size;
  bytes_append(&text, "", 1);
  return text.data;
}

static bool parse_file_body(struct parser *parser, const char *name) {
  if (strstr(name, "..") != NULL || *name == '/') return fail(parser, "the body file lies beside the script");
  size_t size = 0;
  char *text = read_file(parser->settings->directory, name, &size);
  if (text == NULL) return fail(parser, "cannot read body file \"%s\"", name);
  add_body(&parser->draft, text, size);
  free(text);
  return true;
}

static int hex_digit(char digit) {
  if (isdigit((unsigned char)digit)) return digit - '0';
  if (isxdigit((unsigned char)digit)) return tolower((unsigned char)digit) - 'a' + 10;
  return -1;
}

/* Reads C escapes: \n \r \t \0 \\ \xHH. Stops at anything else behind a backslash. */
static bool unescape(const char *text, struct bytes *out) {
  static const char names[] = "nrt0\\", values[] = {'\n', '\r', '\t', '\0', '\\'};
  for (; *text != '\0'; text++) {
    char byte = *text;
    if (byte == '\\') {
      byte = *++text;
      const char *name = byte != '\0' ? strchr(names, byte) : NULL;
      if (name != NULL) {
        byte = values[name - names];
      } else if (byte == 'x' && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
        byte = (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
        text += 2;
      } else {
        return false;
      }
    }
    bytes_append(out, &byte, 1);
  }
  return true;
}

/* ---- directives ---- */

static bool parse_number(const char **text, unsigned long *number) {
  if (!isdigit((unsigned char)**text)) return false;
  char *end;
  *number = strtoul(*text, &end, 10);
  *text = end + strspn(end, " ");
  return true;
}

typedef bool directive_fn(struct parser *parser, const char *argument);

static bool do_delay(struct parser *parser, const char *argument) {
  unsigned long ms;
  if (!parse_number(&argument, &ms)) return fail(parser, "@delay needs milliseconds");
  struct draft *draft = &parser->draft;
  if (draft->status_line == NULL && draft->body->count == 0) {
    draft->lead_wait_ms = (unsigned)ms;
  } else {
    plan_wait(draft->body, (unsigned)ms);
  }
  return true;
}

static bool do_pace(struct parser *parser, const char *argument) {
  unsigned long ms;
  if (!parse_number(&argument, &ms)) return fail(parser, "@pace needs milliseconds");
  parser->draft.paced = true;
  parser->draft.pace_ms = (unsigned)ms;
  return true;
}

static bool do_split(struct parser *parser, const char *argument) {
  unsigned long size, wait_ms = 0;
  if (!parse_number(&argument, &size) || size == 0) return fail(parser, "@split needs a number of bytes");
  parse_number(&argument, &wait_ms);
  parser->draft.split = size;
  parser->draft.split_wait_ms = (unsigned)wait_ms;
  return true;
}

static bool do_bytes(struct parser *parser, const char *argument) {
  struct bytes raw = {0};
  bool good = unescape(argument, &raw);
  if (good) add_body(&parser->draft, raw.data, raw.size);
  bytes_free(&raw);
  return good || fail(parser, "bad escape in @bytes");
}

static bool do_fill(struct parser *parser, const char *argument) {
  unsigned long count;
  if (!parse_number(&argument, &count)) return fail(parser, "@fill needs a count and a text");
  struct bytes unit = {0}, filled = {0};
  bool good = unescape(argument, &unit) && unit.size > 0;
  for (unsigned long i = 0; good && i < count; i++) bytes_append(&filled, unit.data, unit.size);
  if (good) add_body(&parser->draft, filled.data, filled.size);
  bytes_free(&unit);
  bytes_free(&filled);
  return good || fail(parser, "@fill needs a count and a text");
}

static bool do_chunked(struct parser *parser, const char *argument) {
  unsigned long size = 0;
  parse_number(&argument, &size);
  parser->draft.chunked = true;
  parser->draft.chunks.size = size;
  return true;
}

static bool do_extension(struct parser *parser, const char *argument) {
  bytes_format(&parser->draft.extension, ";%s", argument);
  return true;
}

static bool do_trailer(struct parser *parser, const char *argument) {
  bytes_format(&parser->draft.trailers, "%s\r\n", argument);
  return true;
}

static bool do_unterminated(struct parser *parser, const char *argument) {
  (void)argument;
  parser->draft.chunks.unterminated = true;
  return true;
}

static bool do_gzip(struct parser *parser, const char *argument) {
  (void)argument;
  parser->draft.gzip = true;
  return true;
}

static bool do_length(struct parser *parser, const char *argument) {
  struct draft *draft = &parser->draft;
  if (strcmp(argument, "none") == 0) {
    draft->length_mode = LENGTH_NONE;
    return true;
  }
  char *end;
  draft->length = strtol(argument, &end, 10);
  draft->length_mode = *argument == '+' || *argument == '-' ? LENGTH_RELATIVE : LENGTH_FIXED;
  return (end != argument && *end == '\0') || fail(parser, "@length needs N, +N, -N or none");
}

static bool do_interim(struct parser *parser, const char *argument) {
  bytes_format(&parser->draft.interim, "HTTP/1.1 %s\r\n\r\n", argument);
  return true;
}

static bool do_continue(struct parser *parser, const char *argument) {
  if (strcmp(argument, "off") == 0) {
    parser->draft.response.reception.withhold_continue = true;
  } else if (strcmp(argument, "early") == 0) {
    parser->draft.response.reception.answer_early = true;
  } else {
    return fail(parser, "@continue is \"off\" or \"early\"");
  }
  return true;
}

static bool do_repeat(struct parser *parser, const char *argument) {
  unsigned long times = 0;
  parse_number(&argument, &times);
  parser->draft.response.times = (unsigned)times;
  return true;
}

static bool do_match(struct parser *parser, const char *argument) {
  static const char *const kinds[] = {"method", "path", "header", "no-header", "body", "no-body"};
  size_t length = strcspn(argument, " ");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strlen(kinds[i]) != length || strncmp(kinds[i], argument, length) != 0) continue;
    const char *text = argument + length + strspn(argument + length, " ");
    struct response *response = &parser->draft.response;
    size_t size = (response->match_count + 1) * sizeof *response->matches;
    response->matches = xrealloc(response->matches, size);
    response->matches[response->match_count++] =
        (struct match){(enum match_kind)i, xstrndup(text, strlen(text))};
    return *text != '\0' || fail(parser, "@match %s needs a text", kinds[i]);
  }
  return fail(parser, "@match knows method, path, header, no-header, body and no-body");
}

static bool do_end(struct parser *parser, enum step_kind kind) {
  plan_end(parser->draft.body, kind);
  return true;
}

static bool do_close(struct parser *parser, const char *argument) {
  (void)argument;
  return do_end(parser, STEP_CLOSE);
}

static bool do_cut(struct parser *parser, const char *argument) {
  (void)argument;
  return do_end(parser, STEP_CUT);
}

static bool do_reset(struct parser *parser, const char *argument) {
  (void)argument;
  return do_end(parser, STEP_RESET);
}

static bool do_never(struct parser *parser, const char *argument) {
  (void)argument;
  return do_end(parser, STEP_HANG);
}

static const struct {
  const char *name;
  directive_fn *run;
} directives[] = {
    {"bytes", do_bytes},
    {"chunked", do_chunked},
    {"close", do_close},
    {"continue", do_continue},
    {"cut", do_cut},
    {"delay", do_delay},
    {"extension", do_extension},
    {"fill", do_fill},
    {"gzip", do_gzip},
    {"interim", do_interim},
    {"length", do_length},
    {"match", do_match},
    {"never", do_never},
    {"pace", do_pace},
    {"repeat", do_repeat},
    {"reset", do_reset},
    {"split", do_split},
    {"trailer", do_trailer},
    {"unterminated", do_unterminated},
};

static bool parse_directive(struct parser *parser, const char *text) {
  size_t length = strcspn(text, " ");
  for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
    if (strlen(directives[i].name) == length && strncmp(directives[i].name, text, length) == 0) {
      return directives[i].run(parser, text + length + strspn(text + length, " "));
    }
  }
  return fail(parser, "unknown directive \"@%s\"", text);
}

/* ---- from a draft to a plan ---- */

static void append_head(struct bytes *head, const struct draft *draft) {
  bytes_append(head, draft->interim.data, draft->interim.size);
  bytes_format(head, "%s\r\n", draft->status_line);
  bytes_append(head, draft->headers.data, draft->headers.size);
  if (draft->gzip) bytes_text(head, "Content-Encoding: gzip\r\n");
  if (draft->chunked) {
    bytes_text(head, "Transfer-Encoding: chunked\r\n");
  } else if (!draft->has_framing_header && draft->length_mode != LENGTH_NONE) {
    long actual = (long)plan_write_total(draft->body);
    long told = draft->length_mode == LENGTH_TRUE       ? actual
                : draft->length_mode == LENGTH_RELATIVE ? actual + draft->length
                                                        : draft->length;
    bytes_format(head, "Content-Length: %ld\r\n", told);
  }
  bytes_text(head, "\r\n");
}

/* Makes the terminated C strings that struct chunk_style asks for. */
static void finish_chunk_style(struct draft *draft) {
  bytes_append(&draft->extension, "", 1);
  bytes_append(&draft->trailers, "", 1);
  draft->chunks.extension = draft->extension.data;
  draft->chunks.trailers = draft->trailers.data;
}

static struct plan *compile(struct draft *draft) {
  struct bytes head = {0};
  if (draft->status_line != NULL) {
    if (draft->gzip) draft->body = plan_gzipped(draft->body);
    if (draft->chunked) {
      finish_chunk_style(draft);
      draft->body = plan_chunked(draft->body, &draft->chunks);
    }
    if (draft->closes || draft->length_mode == LENGTH_NONE) plan_end(draft->body, STEP_CLOSE);
    append_head(&head, draft);
  }
  draft->body = plan_prefixed(draft->body, draft->lead_wait_ms, &head);
  bytes_free(&head);
  if (draft->split > 0) draft->body = plan_split(draft->body, draft->split, draft->split_wait_ms);
  return plan_retain(draft->body);
}

static void end_draft(struct parser *parser) {
  struct draft *draft = &parser->draft;
  struct script *script = parser->script;
  if (draft->used) {
    draft->response.plan = compile(draft);
    script->responses = xrealloc(script->responses, (script->count + 1) * sizeof *script->responses);
    script->responses[script->count++] = draft->response;
  } else {
    free_matches(&draft->response);
  }
  free_draft(draft);
}

static void append_expanded(struct bytes *out, const char *text, const struct script_settings *settings) {
  const struct {
    const char *name;
    int value;
  } variables[] = {{"{{port}}", settings->port}, {"{{tls-port}}", settings->tls_port}};
  while (*text != '\0') {
    size_t i = 0;
    while (i < 2 && strncmp(text, variables[i].name, strlen(variables[i].name)) != 0) i++;
    if (i < 2) {
      bytes_format(out, "%d", variables[i].value);
      text += strlen(variables[i].name);
    } else {
      bytes_append(out, text++, 1);
    }
  }
}

static bool names_header(const char *line, const char *name) {
  size_t length = strlen(name);
  return strncasecmp(line, name, length) == 0 && line[length] == ':';
}

static bool parse_header_line(struct parser *parser, const char *line) {
  struct draft *draft = &parser->draft;
  size_t name = strcspn(line, ": \t");
  if (name == 0 || line[name] != ':')
    return fail(parser, "neither a header, a body nor a directive: %s", line);
  if (draft->status_line == NULL) return fail(parser, "a header needs a status line before it");
  if (draft->body->count > 0) return fail(parser, "a header comes before the body");
  if (names_header(line, "Content-Length") || names_header(line, "Transfer-Encoding")) {
    draft->has_framing_header = true;
  }
  if (names_header(line, "Connection") && strcasestr(line, "close") != NULL) draft->closes = true;
  append_expanded(&draft->headers, line, parser->settings);
  bytes_text(&draft->headers, "\r\n");
  return true;
}

static bool parse_line(struct parser *parser, char *line) {
  if (*line == '\0' || *line == '#') return true;
  if (strcmp(line, "===") == 0) {
    end_draft(parser);
    begin_draft(parser);
    return true;
  }
  parser->draft.used = true;
  if (*line == '@') return parse_directive(parser, line + 1);
  if (strncmp(line, "<<", 2) == 0) return parse_heredoc(parser, line + 2);
  if (*line == '<') return parse_file_body(parser, line + 1);
  if (strncmp(line, "HTTP/", 5) == 0) {
    if (parser->draft.status_line != NULL)
      return fail(parser, "a second status line: begin a response with ===");
    parser->draft.status_line = xstrndup(line, strlen(line));
    return true;
  }
  return parse_header_line(parser, line);
}

static struct script *parse_script(const struct script_settings *settings, const char *segment, char *text) {
  struct script *script = xcalloc(1, sizeof *script);
  script->segment = xstrndup(segment, strlen(segment));
  struct parser parser = {.settings = settings, .script = script, .rest = text};
  begin_draft(&parser);
  char *line;
  while (script->error == NULL && (line = take_line(&parser)) != NULL) parse_line(&parser, line);
  end_draft(&parser);
  if (script->error == NULL && script->count == 0) fail(&parser, "no response in this script");
  return script;
}

static void free_script(struct script *script) {
  for (size_t i = 0; i < script->count; i++) {
    free_matches(&script->responses[i]);
    plan_release(script->responses[i].plan);
  }
  free(script->responses);
  free(script->error);
  free(script->segment);
  free(script);
}

/* ---- finding scripts ---- */

static bool is_script_name(const char *name, size_t length) {
  if (length == 0 || *name == '.') return false;
  for (size_t i = 0; i < length; i++) {
    if (!isalnum((unsigned char)name[i]) && strchr("._-", name[i]) == NULL) return false;
  }
  return true;
}

static char *script_text(const struct script_settings *settings, const char *segment) {
  size_t length = strcspn(segment, "~");
  if (!is_script_name(segment, length)) return NULL;
  for (struct definition *definition = definitions; definition != NULL; definition = definition->next) {
    if (strlen(definition->name) == length && strncmp(definition->name, segment, length) == 0) {
      return xstrndup(definition->text, strlen(definition->text));
    }
  }
  if (settings->directory == NULL) return NULL;
  struct bytes name = {0};
  bytes_append(&name, segment, length);
  bytes_append(&name, ".txt", sizeof ".txt");
  size_t size;
  char *text = read_file(settings->directory, name.data, &size);
  bytes_free(&name);
  return text;
}

static struct script *find_script(const struct script_settings *settings, const char *segment) {
  for (struct script *script = scripts; script != NULL; script = script->next) {
    if (strcmp(script->segment, segment) == 0) return script;
  }
  char *text = script_text(settings, segment);
  if (text == NULL) return NULL;
  struct script *script = parse_script(settings, segment, text);
  free(text);
  if (script->error != NULL) fprintf(stderr, "llm-test-server: %s\n", script->error);
  script->next = scripts;
  scripts = script;
  return script;
}

void script_rewind_all(void) {
  while (scripts != NULL) {
    struct script *next = scripts->next;
    free_script(scripts);
    scripts = next;
  }
}

/* Forgets what was read under this name, with any tag. */
static void forget_scripts(const char *name) {
  size_t length = strlen(name);
  struct script **link = &scripts;
  while (*link != NULL) {
    struct script *script = *link;
    if (strcspn(script->segment, "~") == length && strncmp(script->segment, name, length) == 0) {
      *link = script->next;
      free_script(script);
    } else {
      link = &script->next;
    }
  }
}

static struct definition *find_or_add_definition(const char *name) {
  struct definition *definition = definitions;
  while (definition != NULL && strcmp(definition->name, name) != 0) definition = definition->next;
  if (definition == NULL) {
    definition = xcalloc(1, sizeof *definition);
    definition->name = xstrndup(name, strlen(name));
    definition->next = definitions;
    definitions = definition;
  }
  return definition;
}

char *script_define(const struct script_settings *settings, const char *name, const char *text) {
  if (!is_script_name(name, strlen(name))) return xstrndup("not a script name", 17);
  char *scratch = xstrndup(text, strlen(text));
  struct script *script = parse_script(settings, name, scratch);
  free(scratch);
  char *error = script->error;
  script->error = NULL;
  free_script(script);
  if (error != NULL) return error;

  struct definition *definition = find_or_add_definition(name);
  free(definition->text);
  definition->text = xstrndup(text, strlen(text));
  forget_scripts(name);
  return NULL;
}

/* ---- answering ---- */

static bool header_matches(const struct http_request *request, const char *wanted) {
  size_t length = strcspn(wanted, ":");
  char *name = xstrndup(wanted, length);
  const char *value = http_header_value(request, name);
  free(name);
  if (value == NULL || wanted[length] == '\0') return value != NULL;
  const char *expected = wanted + length + 1;
  return strcmp(value, expected + strspn(expected, " ")) == 0;
}

static bool body_contains(const struct http_request *request, const char *text) {
  return request->body.size > 0 && memmem(request->body.data, request->body.size, text, strlen(text)) != NULL;
}

static bool match_holds(const struct match *match, const struct http_request *request) {
  switch (match->kind) {
  case MATCH_METHOD:
    return strcmp(request->method, match->text) == 0;
  case MATCH_PATH:
    return strstr(request->target, match->text) != NULL;
  case MATCH_HEADER:
    return header_matches(request, match->text);
  case MATCH_NO_HEADER:
    return http_header_value(request, match->text) == NULL;
  case MATCH_BODY:
    return body_contains(request, match->text);
  case MATCH_NO_BODY:
    return !body_contains(request, match->text);
  }
  return false;
}

static const struct match *first_mismatch(const struct response *response,
                                          const struct http_request *request) {
  for (size_t i = 0; i < response->match_count; i++) {
    if (!match_holds(&response->matches[i], request)) return &response->matches[i];
  }
  return NULL;
}

static struct plan *mismatch_error(const struct match *match) {
  static const char *const complaints[] = {
      "the method is not",         "the path lacks", "the header is missing or different:",
      "the header is unexpected:", "the body lacks", "the body has",
  };
  return plan_error(400, "request_mismatch", "%s %s", complaints[match->kind], match->text);
}

static struct response *current_response(const struct script *script) {
  return script->position < script->count ? &script->responses[script->position] : NULL;
}

struct script_reception script_reception(const struct script_settings *settings, const char *segment) {
  const struct script *script = find_script(settings, segment);
  const struct response *response = script != NULL ? current_response(script) : NULL;
  return response != NULL ? response->reception : (struct script_reception){0};
}

struct plan *script_answer(const struct script_settings *settings, const char *segment,
                           const struct http_request *request) {
  struct script *script = find_script(settings, segment);
  if (script == NULL) return plan_error(404, "no_such_script", "there is no script \"%s\"", segment);
  if (script->error != NULL) return plan_error(500, "bad_script", "%s", script->error);
  struct response *response = current_response(script);
  if (response == NULL) {
    return plan_error(500, "script_exhausted", "script \"%s\" has no further response", segment);
  }
  const struct match *mismatch = first_mismatch(response, request);
  if (mismatch != NULL) return mismatch_error(mismatch);
  if (response->times > 0 && ++script->given == response->times) {
    script->position++;
    script->given = 0;
  }
  return plan_retain(response->plan);
}

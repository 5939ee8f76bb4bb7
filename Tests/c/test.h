/* test.h: the harness of the C suite. A case is a function; a check that fails is printed and counted, and
 * the case goes on. What the helpers below hand out lives until the end of the case, and is freed by the
 * harness. */
#ifndef TEST_H
#define TEST_H

#include <jansson.h>
#include <llm_provider.h>
#include <llm_provider_jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- Cases ---------------------------------------------------------------------------------------------- */

struct test_case {
  const char *name;
  void (*run)(void);
};

/* One for each file, ended by an empty case. */
struct test_group {
  const char *name;
  const struct test_case *cases;
};

#define CASE(function)                                                                                       \
  { #function, function }

extern const struct test_case archive_cases[], bad_input_cases[], cancel_cases[], chat_cases[],
    config_cases[], decoder_cases[], error_cases[], gates_cases[], guest_cases[], jansson_cases[],
    lifecycle_cases[], metrics_cases[], model_cases[], observer_cases[], pull_cases[], render_cases[],
    retry_cases[], router_cases[], secret_cases[], status_cases[], stream_cases[], thread_cases[];

/* -- Checks --------------------------------------------------------------------------------------------- */

/* Each answers whether it held. From any thread. */
int check_true(const char *file, int line, const char *expression, int holds);
int check_int(const char *file, int line, const char *expression, long long actual, long long expected);
int check_text(const char *file, int line, const char *expression, const char *actual, const char *expected);
int check_part(const char *file, int line, const char *expression, const char *actual, const char *part);
int check_status(const char *file, int line, const char *expression, llm_status actual, llm_status expected,
                 const json_t *document);

#define CHECK(expression) check_true(__FILE__, __LINE__, #expression, (expression) != 0)
#define CHECK_INT(actual, expected) check_int(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_PART(actual, part) check_part(__FILE__, __LINE__, #actual, (actual), (part))
#define CHECK_STATUS(actual, expected, document)                                                             \
  check_status(__FILE__, __LINE__, #actual, (actual), (expected), (document))

/* What the checks that follow are about, for the message of one that fails; NULL for nothing in particular.
 */
void about(const char *subject);

/* -- Memory --------------------------------------------------------------------------------------------- */

/* Hands it to the harness, to be freed at the end of the case. */
char *keep_text(char *text);
json_t *keep_json(json_t *json);
llm_provider *keep_provider(llm_provider *provider);

/* printf into a string of the harness. */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/* -- Documents ------------------------------------------------------------------------------------------ */

/* What the library handed out, parsed; it is freed with llm_free. NULL stays NULL. */
json_t *take(char *text);

/* The value at a JSON pointer, NULL if there is none, and what it holds. */
json_t *at(const json_t *document, const char *pointer);
const char *text_at(const json_t *document, const char *pointer);
long long int_at(const json_t *document, const char *pointer);
int is_true(const json_t *document, const char *pointer);
int is_false(const json_t *document, const char *pointer);

/* A document without what differs from run to run (ids of the library's own, times), as text. */
const char *stable(const json_t *document);

/* -- Providers and answers ------------------------------------------------------------------------------- */

/* An OpenAI-compatible provider at a path of the test server. A script is played under a tag of its own, so
 * that every provider sees it from its start. `members` are further members of the configuration, or "". No
 * retries, unless they say so. */
llm_provider *service(const char *script, const char *members);

/* The path that the last `service` asks: what the server keeps its requests under. */
const char *last_path(void);

/* A mock with the members of its script, or "". */
llm_provider *mock(const char *members);

/* A provider of a configuration that must be right. */
llm_provider *provider_of(const char *config);

struct answer {
  llm_status status;
  json_t *json;
};

struct answer chat(llm_provider *provider, const char *request);
struct answer stream(llm_provider *provider, const char *request, llm_event_fn on_event, void *user_data);

/* One user message. */
extern const char hello[];

/* -- Events --------------------------------------------------------------------------------------------- */

struct growing {
  char *bytes;
  size_t length, capacity;
};

/* Writes down what a callback receives. Zeroed, it wants all of it. */
struct record {
  struct growing
      log; /* a line for each event: type, choice, index, data, id, name; terminal documents made stable */
  struct growing text; /* the text of choice 0 */
  int events, terminals, last_type;
  json_t *last_document; /* of the terminal event */
  int stop_after;        /* cancels at this event, counted from 1; 0 for never */
  int stop_at_type;      /* cancels at the first event of this type */
};

int record_event(const llm_event *event, void *record);

/* -- The server ------------------------------------------------------------------------------------------ */

int server_port(void);
int server_tls_stall_port(void);

/* GET of an administrative resource. */
json_t *server_get(const char *path);

/* What the server was sent under a path, as in its /__requests. */
json_t *requests_to(const char *path);

/* Gives the server a script under a new name, and returns the name. */
const char *script(const char *text);

/* Waits until the condition holds; 0 after far too long. */
int wait_until(int (*condition)(void *), void *context);

/* Fewer repetitions where the tests run slowly (valgrind). */
int repetitions(int normally);

#endif

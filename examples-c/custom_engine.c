/* An engine of the program's own: a provider that answers within the process. This one babbles: it learns
 * which word follows which from a text, and walks along. Everything around it is the library's: streaming,
 * pulling, results, cancelling, time-outs, status, routing.
 *
 *   cc custom_engine.c $(pkg-config --cflags --libs llm-provider jansson) -o custom_engine
 *   ./custom_engine
 *
 * The same file is a plugin for other programs, which load it by its path:
 *
 *   cc -shared -fPIC custom_engine.c $(pkg-config --cflags --libs llm-provider jansson) -o babbler.so
 */
#include <jansson.h>
#include <llm_provider_extend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_LIMIT 512

struct babbler {
  char *text; /* the words, each with a NUL behind it */
  const char *words[WORD_LIMIT];
  int count;
};

static char *copy_of(const char *text) {
  char *copy = malloc(strlen(text) + 1);
  return copy ? strcpy(copy, text) : NULL;
}

static void destroy(void *self) {
  struct babbler *babbler = self;
  free(babbler->text);
  free(babbler);
}

/* The library has checked the configuration against the schema and filled in the default. */
static void *create(const char *config_json, char **error) {
  json_t *config = json_loads(config_json, 0, NULL);
  const char *text = json_string_value(json_object_get(config, "text"));
  struct babbler *babbler = calloc(1, sizeof *babbler);
  if (text && babbler && (babbler->text = copy_of(text))) {
    char *word = strtok(babbler->text, " ");
    for (; word && babbler->count < WORD_LIMIT; word = strtok(NULL, " "))
      babbler->words[babbler->count++] = word;
  }
  json_decref(config);
  if (babbler && babbler->count > 0) return babbler;
  *error = copy_of("{\"message\":\"there are no words to learn from\",\"param\":\"/text\"}");
  if (babbler) destroy(babbler);
  return NULL;
}

/* The next word: one that follows an occurrence of the last one. */
static int follow(const struct babbler *babbler, int last, unsigned *chance) {
  int candidates = 0, chosen = 0;
  for (int i = 0; i + 1 < babbler->count; i++) {
    if (strcmp(babbler->words[i], babbler->words[last]) != 0) continue;
    *chance = *chance * 1103515245u + 12345u;
    if ((*chance >> 16) % (unsigned)++candidates == 0) chosen = i + 1;
  }
  return chosen;
}

static int execute(void *self, const char *request_json, const llm_emitter *emit) {
  const struct babbler *babbler = self;
  json_t *request = json_loads(request_json, 0, NULL);
  json_int_t limit = json_integer_value(json_object_get(request, "max_tokens"));
  unsigned chance = (unsigned)json_integer_value(json_object_get(request, "seed"));
  json_decref(request);

  int word = 0, said = 0, length = limit > 0 ? (int)limit : 24;
  for (; said < length; said++) {
    char piece[256];
    snprintf(piece, sizeof piece, "%s%s", said ? " " : "", babbler->words[word]);
    if (llm_emit_text(emit, piece)) return LLM_E_CANCELLED; /* nobody listens any more */
    word = follow(babbler, word, &chance);
  }

  char usage[64];
  snprintf(usage, sizeof usage, "{\"completion_tokens\":%d}", said);
  llm_emit(emit, LLM_EVENT_USAGE, usage, strlen(usage));
  llm_emit_finish(emit, "length");
  return LLM_OK;
}

static char *models(void *self, char **error) {
  (void)self, (void)error;
  return copy_of("[\"babbler-1\"]");
}

static const llm_provider_vtable vtable = {
    .struct_size = sizeof vtable,
    .metadata_json =
        "{\"name\":\"Babbler\",\"version\":\"1.0\",\"description\":\"Says what might have been said.\","
        " \"model\":\"babbler-1\",\"auth\":\"none\","
        " \"config_schema\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\","
        "   \"description\":\"What to learn from.\","
        "   \"default\":\"the cat saw the dog and the dog saw the moon and the moon saw the cat\"}}}}",
    .create = create,
    .destroy = destroy,
    .execute = execute,
    .models = models,
};

/* What makes a plugin of it. */
LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
  return host->register_provider("babbler", &vtable, error);
}

static int print(const llm_event *event, void *user_data) {
  (void)user_data;
  if (event->type == LLM_EVENT_TEXT) fwrite(event->data, 1, event->len, stdout);
  return 0;
}

int main(int argc, char **argv) {
  llm_provider *provider = NULL;
  char *json = NULL;
  llm_status status = llm_register_provider("babbler", &vtable, &json);
  if (status >= 0) status = llm_provider_new(argc > 1 ? argv[1] : "{\"type\":\"babbler\"}", &provider, &json);
  if (status >= 0)
    status = llm_stream(provider, "{\"prompt\":\"Go on.\",\"seed\":7,\"max_tokens\":12}", print, NULL, &json);
  printf("\n%s\n", json ? json : llm_status_name(status));
  llm_free(json);
  llm_provider_free(provider);
  return status < 0;
}

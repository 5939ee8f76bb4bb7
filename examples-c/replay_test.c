/* Tests a program's own code without a network: the service's answers come out of recordings.
 *
 *     cc replay_test.c -o replay_test $(pkg-config --cflags --libs llm-provider jansson)
 *     ./replay_test recordings                          plays what lies in the directory; needs no key
 *     ./replay_test recordings '{"type":"openai"}'      asks the service, and records anew
 */
#include <jansson.h>
#include <llm_provider_jansson.h>
#include <stdio.h>
#include <string.h>

/* -- What is to be tested ------------------------------------------------------------------------------- */

/* The sentiment of a text: 1, 0 or -1; -2 when the service could not say. */
static int sentiment(llm_provider *provider, const char *text) {
  json_t *request =
      json_pack("{s:s, s:s, s:i}", "system", "Answer with one word: positive, neutral or negative.", "prompt",
                text, "max_tokens", 200);
  json_t *answer = NULL;
  int result = -2;
  if (llm_chat_json(provider, request, &answer) >= 0) {
    const char *word = json_string_value(json_object_get(answer, "text"));
    if (word && strstr(word, "positive")) result = 1;
    if (word && strstr(word, "neutral")) result = 0;
    if (word && strstr(word, "negative")) result = -1;
  } else {
    json_t *error = json_object_get(answer, "error");
    fprintf(stderr, "%s\n", json_string_value(json_object_get(error, "message")));
  }
  json_decref(answer);
  json_decref(request);
  return result;
}

/* -- The tests ------------------------------------------------------------------------------------------ */

static int failures;

static void expect(llm_provider *provider, const char *text, int expected) {
  int actual = sentiment(provider, text);
  printf("%s %s\n", actual == expected ? "ok" : "not ok", text);
  failures += actual != expected;
}

/* With a configuration as the user has it, and where to record; or with nothing but recordings. */
static llm_provider *open_provider(const char *directory, const char *config_text) {
  llm_provider *provider = NULL;
  json_t *config = config_text ? json_loads(config_text, 0, NULL) : json_pack("{s:s}", "type", "openai");
  if (!config) return NULL;
  if (!json_object_get(config, "model")) json_object_set_new(config, "model", json_string("gpt-4o-mini"));
  json_object_set_new(config, config_text ? "record" : "replay", json_string(directory));
  char *text = json_dumps(config, 0), *error = NULL;
  if (llm_provider_new(text, &provider, &error) < 0) fprintf(stderr, "%s\n", error);
  llm_free(error);
  free(text);
  json_decref(config);
  return provider;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s DIRECTORY [CONFIGURATION]\n", argv[0]);
    return 2;
  }
  llm_provider *provider = open_provider(argv[1], argc > 2 ? argv[2] : NULL);
  if (!provider) return 2;
  expect(provider, "What a wonderful day!", 1);
  expect(provider, "The train leaves at nine.", 0);
  expect(provider, "I want my money back.", -1);
  llm_provider_free(provider);
  printf("%s\n", failures ? "failed" : "passed");
  return failures != 0;
}

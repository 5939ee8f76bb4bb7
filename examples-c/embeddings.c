/* Embeddings: which of some sentences are about the same thing?
 *
 *   cc embeddings.c $(pkg-config --cflags --libs llm-provider jansson) -o embeddings
 *   ./embeddings '{"type":"openai","model":"text-embedding-3-small"}'
 */
#include <llm_provider_jansson.h>
#include <stdio.h>

static const char *const sentences[] = {"The cat sleeps.", "A kitten is napping.", "Interest rates rose."};
enum { sentence_count = sizeof sentences / sizeof *sentences };

/* Services return vectors of length one, so that the dot product is the cosine of the angle between them. */
static double dot(const json_t *a, const json_t *b) {
  double sum = 0;
  for (size_t i = 0; i < json_array_size(a) && i < json_array_size(b); i++)
    sum += json_number_value(json_array_get(a, i)) * json_number_value(json_array_get(b, i));
  return sum;
}

static const json_t *embedding(const json_t *result, size_t index) {
  return json_object_get(json_array_get(json_object_get(result, "data"), index), "embedding");
}

static void print_similarities(const json_t *result) {
  for (size_t i = 0; i < sentence_count; i++) {
    for (size_t j = i + 1; j < sentence_count; j++)
      printf("%6.3f  %s | %s\n", dot(embedding(result, i), embedding(result, j)), sentences[i], sentences[j]);
  }
}

int main(int argc, char **argv) {
  json_t *config = json_loads(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", 0, NULL);
  llm_provider *provider;
  json_t *result = NULL;
  llm_status status = llm_provider_new_json(config, &provider, &result);
  json_decref(config);

  if (status >= 0) {
    json_t *input = json_array();
    for (size_t i = 0; i < sentence_count; i++) json_array_append_new(input, json_string(sentences[i]));
    json_t *request = json_pack("{s:o}", "input", input);
    status = llm_embed_json(provider, request, &result);
    json_decref(request);
  }

  if (status >= 0) {
    print_similarities(result);
  } else {
    const char *message = json_string_value(json_object_get(json_object_get(result, "error"), "message"));
    fprintf(stderr, "%s: %s\n", llm_status_name(status), message ? message : "no details");
  }
  json_decref(result);
  llm_provider_free(provider);
  return status < 0;
}

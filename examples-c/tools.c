/* Tools: the model asks for functions, possibly several at once; the program runs them and hands back what
 * they return.
 *
 *   cc tools.c $(pkg-config --cflags --libs llm-provider jansson) -o tools && ./tools '{"type":"openai"}'
 */
#include <llm_provider_jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_rounds = 8 }; /* a model that never stops asking is stopped */

/* The tools: what they are called, what the model is told about them, and what they do. */

static json_t *get_weather(const json_t *arguments) {
  const char *city = json_string_value(json_object_get(arguments, "city"));
  if (!city) return json_pack("{s:s}", "error", "the argument \"city\" is missing");
  return json_pack("{s:s, s:i, s:s}", "city", city, "celsius", 18, "sky", "clear");
}

static json_t *add(const json_t *arguments) {
  double sum = 0;
  size_t index;
  json_t *number;
  json_array_foreach(json_object_get(arguments, "numbers"), index, number) sum += json_number_value(number);
  return json_pack("{s:f}", "sum", sum);
}

static const struct tool {
  const char *name;
  const char *description;
  const char *parameters;
  json_t *(*run)(const json_t *arguments);
} tools[] = {
    {"get_weather", "The weather in a city.",
     "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}",
     get_weather},
    {"add", "Adds numbers.",
     "{\"type\":\"object\",\"properties\":{\"numbers\":{\"type\":\"array\",\"items\":{\"type\":\"number\"}}},"
     "\"required\":[\"numbers\"]}",
     add},
};
static const size_t tool_count = sizeof tools / sizeof *tools;

static json_t *tool_definitions(void) {
  json_t *definitions = json_array();
  for (size_t i = 0; i < tool_count; i++) {
    json_array_append_new(definitions, json_pack("{s:s, s:{s:s, s:s, s:o}}", "type", "function", "function",
                                                 "name", tools[i].name, "description", tools[i].description,
                                                 "parameters", json_loads(tools[i].parameters, 0, NULL)));
  }
  return definitions;
}

/* Runs the tool that a call asks for. A mistake of the model is told to the model, which can then mend it. */
static json_t *run_tool(const char *name, const char *arguments_text) {
  json_t *arguments = json_loads(arguments_text, 0, NULL);
  json_t *result = NULL;
  for (size_t i = 0; arguments && i < tool_count; i++) {
    if (strcmp(tools[i].name, name) == 0) result = tools[i].run(arguments);
  }
  if (!result)
    result = json_pack("{s:s}", "error", arguments ? "no such tool" : "the arguments are not JSON");
  json_decref(arguments);
  return result;
}

/* Answers every call of an assistant message with a tool message. Returns how many there were. */
static size_t answer_tool_calls(const json_t *message, json_t *messages) {
  json_t *calls = json_object_get(message, "tool_calls");
  size_t index;
  json_t *call;
  json_array_foreach(calls, index, call) {
    const char *id, *name, *arguments;
    if (json_unpack(call, "{s:s, s:{s:s, s:s}}", "id", &id, "function", "name", &name, "arguments",
                    &arguments) < 0)
      continue;
    json_t *result = run_tool(name, arguments);
    char *content = json_dumps(result, JSON_COMPACT);
    printf("%s(%s) = %s\n", name, arguments, content);
    json_array_append_new(
        messages, json_pack("{s:s, s:s, s:s}", "role", "tool", "tool_call_id", id, "content", content));
    free(content);
    json_decref(result);
  }
  return json_array_size(calls);
}

/* Asks until the model answers without asking for a tool. */
static llm_status converse(llm_provider *provider, json_t *request) {
  json_t *messages = json_object_get(request, "messages");
  for (int round = 0; round < max_rounds; round++) {
    json_t *result = NULL;
    llm_status status = llm_chat_json(provider, request, &result);
    if (status < 0) {
      json_dumpf(result, stderr, JSON_COMPACT);
      json_decref(result);
      return status;
    }
    /* The message goes back verbatim: whatever the service put into it is needed in the next turn. */
    json_t *choice = json_array_get(json_object_get(result, "choices"), 0);
    json_t *message = json_object_get(choice, "message");
    json_array_append(messages, message);
    size_t calls = answer_tool_calls(message, messages);
    const char *text = json_string_value(json_object_get(result, "text"));
    if (calls == 0) printf("%s\n", text ? text : "");
    json_decref(result);
    if (calls == 0) return LLM_OK;
  }
  fprintf(stderr, "still asking for tools after %d rounds\n", max_rounds);
  return LLM_E_TOO_LARGE;
}

int main(int argc, char **argv) {
  json_t *config = json_loads(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", 0, NULL);
  llm_provider *provider;
  json_t *error = NULL;
  llm_status status = llm_provider_new_json(config, &provider, &error);
  json_decref(config);
  if (status < 0) {
    json_dumpf(error, stderr, JSON_COMPACT);
    json_decref(error);
    return 2;
  }

  json_t *request = json_pack("{s:[{s:s, s:s}], s:o, s:b}", "messages", "role", "user", "content",
                              "What is the weather in Paris and in Oslo, and what is 2 + 3?", "tools",
                              tool_definitions(), "parallel_tool_calls", 1);
  status = converse(provider, request);
  json_decref(request);
  llm_provider_free(provider);
  return status < 0;
}

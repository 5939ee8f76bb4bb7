#define _GNU_SOURCE
#include "scenarios.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HELLO                                                                                                \
  "{\"model\":\"m\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}"
#define TOOLS                                                                                                \
  "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\","       \
  "\"content\":[{\"type\":\"text\",\"text\":\"Weather?\"}]}],\"temperature\":0.25,\"tools\":[{\"type\":"     \
  "\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\",\"properties\":{" \
  "\"city\":{\"type\":\"string\"}}}}}]}"
#define INPUT "{\"model\":\"m\",\"input\":[\"one\",\"two\"]}"
#define COMPATIBLE "\"type\":\"openai-compatible\",\"api_key\":\"k\""
#define DIALECT(name) COMPATIBLE ",\"dialect\":\"" name "\""
#define BEDROCK                                                                                              \
  "\"type\":\"bedrock\",\"region\":\"us-east-1\",\"access_key_id\":\"AKIA\",\"secret_access_key\":"          \
  "\"secret\""
#define GATES                                                                                                \
  ",\"rate_limit\":{\"requests_per_minute\":100000,\"concurrency\":100},\"breaker\":{},\"budget\":{\"usd\":" \
  "1000}"

#define FRESH_FOLDER "fresh"
#define UNSAFE ",\"allow_http\":true"
/* A connection for which OpenSSL lacked memory may stand still until its time is up. */
#define SECURELY                                                                                             \
  ",\"timeout\":{\"connect_ms\":1500,\"first_token_ms\":1500,\"idle_ms\":1500},\"tls\":{\"ca_file\":\"%"     \
  "s/" AUTHORITY "\"}"
#define ONCE ",\"retry\":{\"attempts\":1}"
#define RETRIES ",\"retry\":{\"attempts\":3,\"delay_ms\":1}"

const struct scenario scenarios[] = {
    {"new, of a plain configuration", KIND_NEW, "openai-chat/plain",
     "\"type\":\"openai\",\"api_key\":\"k\",\"headers\":{\"X-Team\":\"a\"},\"timeout\":{\"connect_ms\":5000}",
     HELLO, USUAL},
    {"new, of a router", KIND_NEW, "openai-chat/plain", NULL, HELLO, USUAL},
    {"openai-chat", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat"), HELLO, USUAL},
    {"openai-chat, tools", KIND_CHAT, "openai-chat/tools", DIALECT("openai-chat"), TOOLS, USUAL},
    {"openai-chat, streamed", KIND_STREAM, "openai-chat/streamed", DIALECT("openai-chat"), HELLO, USUAL},
    {"openai-chat, tools streamed", KIND_STREAM, "openai-chat/tools-parallel-streamed",
     DIALECT("openai-chat"), TOOLS, USUAL},
    {"openai-chat, pulled", KIND_PULL, "openai-chat/streamed", DIALECT("openai-chat"), HELLO, USUAL},
    {"openai-responses", KIND_CHAT, "openai-responses/plain", DIALECT("openai-responses"), HELLO, USUAL},
    {"openai-responses, streamed", KIND_STREAM, "openai-responses/streamed", DIALECT("openai-responses"),
     HELLO, USUAL},
    {"openai-completions", KIND_CHAT, "openai-completions/plain", DIALECT("openai-completions"), HELLO,
     USUAL},
    {"openai-completions, streamed", KIND_STREAM, "openai-completions/streamed",
     DIALECT("openai-completions"), HELLO, USUAL},
    {"anthropic-messages", KIND_CHAT, "anthropic-messages/plain", DIALECT("anthropic-messages"), HELLO,
     USUAL},
    {"anthropic-messages, tools", KIND_CHAT, "anthropic-messages/tools", DIALECT("anthropic-messages"), TOOLS,
     USUAL},
    {"anthropic-messages, streamed", KIND_STREAM, "anthropic-messages/streamed",
     DIALECT("anthropic-messages"), HELLO, USUAL},
    {"gemini-generate", KIND_CHAT, "gemini-generate/plain", DIALECT("gemini-generate"), HELLO, USUAL},
    {"gemini-generate, streamed", KIND_STREAM, "gemini-generate/streamed", DIALECT("gemini-generate"), HELLO,
     USUAL},
    {"bedrock-converse", KIND_CHAT, "bedrock-converse/plain", BEDROCK, HELLO, USUAL},
    {"bedrock-converse, streamed", KIND_STREAM, "bedrock-converse/streamed", BEDROCK, HELLO, USUAL},
    {"cohere-chat", KIND_CHAT, "cohere-chat/plain", DIALECT("cohere-chat"), HELLO, USUAL},
    {"cohere-chat, streamed", KIND_STREAM, "cohere-chat/streamed", DIALECT("cohere-chat"), HELLO, USUAL},
    {"ollama-chat", KIND_CHAT, "ollama-chat/plain", DIALECT("ollama-chat"), HELLO, USUAL},
    {"ollama-chat, streamed", KIND_STREAM, "ollama-chat/streamed", DIALECT("ollama-chat"), HELLO, USUAL},
    {"mock, streamed", KIND_STREAM, "", "\"type\":\"mock\"", HELLO, USUAL},
    {"embeddings", KIND_EMBED, "openai-chat/embeddings", DIALECT("openai-chat"), INPUT, USUAL},
    {"models", KIND_MODELS, "openai-chat/models", DIALECT("openai-chat"), HELLO, USUAL},
    {"render", KIND_RENDER, "openai-chat/plain", DIALECT("anthropic-messages"), TOOLS, USUAL},
    {"decoder", KIND_DECODE, "openai-chat/streamed", DIALECT("openai-chat"), HELLO, USUAL},
    {"limits in memory", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat") GATES, HELLO, USUAL},
    {"limits in a file", KIND_CHAT, "openai-chat/plain",
     DIALECT("openai-chat") GATES ",\"store\":{\"type\":\"file\",\"path\":\"%s/store\"}", HELLO, USUAL},
    {"limits in a new file", KIND_CHAT, "openai-chat/plain",
     DIALECT("openai-chat") GATES ",\"store\":{\"type\":\"file\",\"path\":\"%s/" FRESH_FOLDER "/store\"}",
     HELLO, FRESH},
    {"cache in memory", KIND_CHAT, "openai-chat/plain",
     DIALECT("openai-chat") ",\"cache\":{\"type\":\"memory\"}", HELLO, USUAL},
    {"cache on disk, filled", KIND_CHAT, "openai-chat/plain",
     DIALECT("openai-chat") ",\"cache\":{\"type\":\"disk\",\"path\":\"%s/" FRESH_FOLDER "\"}", HELLO, FRESH},
    {"cache on disk, read", KIND_STREAM, "openai-chat/streamed",
     DIALECT("openai-chat") ",\"cache\":{\"type\":\"disk\",\"path\":\"%s/cache\",\"ttl_s\":86400}", HELLO,
     USUAL},
    {"recorder", KIND_STREAM, "openai-chat/streamed",
     DIALECT("openai-chat") ",\"record\":\"%s/" FRESH_FOLDER "\"", HELLO, FRESH},
    {"replayer", KIND_STREAM, "openai-chat/streamed", DIALECT("openai-chat") ",\"replay\":\"%s/recordings\"",
     HELLO, USUAL},
    {"a name", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat") UNSAFE, HELLO, NAMED},
    {"a name, streamed", KIND_STREAM, "anthropic-messages/streamed", DIALECT("anthropic-messages") UNSAFE,
     HELLO, NAMED},
    {"a name, pulled", KIND_PULL, "openai-chat/streamed", DIALECT("openai-chat") UNSAFE, HELLO, NAMED},
    {"TLS", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat") SECURELY, HELLO, SECURE},
    {"TLS, streamed", KIND_STREAM, "openai-chat/streamed", DIALECT("openai-chat") SECURELY, HELLO, SECURE},
    {"TLS, pulled", KIND_PULL, "gemini-generate/streamed", DIALECT("gemini-generate") SECURELY, HELLO,
     SECURE},
    {"a kept connection", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat"), HELLO, WARM},
    {"a kept connection, streamed", KIND_STREAM, "openai-chat/streamed", DIALECT("openai-chat"), HELLO, WARM},
    {"a kept connection, pulled", KIND_PULL, "openai-chat/streamed", DIALECT("openai-chat"), HELLO, WARM},
    {"a router", KIND_CHAT, "openai-chat/plain", NULL, HELLO, USUAL},
    {"a router, streamed", KIND_STREAM, "openai-chat/streamed", NULL, HELLO, USUAL},
    {"a further attempt", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat") RETRIES, HELLO, BUSY},
    {"a further attempt, streamed", KIND_STREAM, "openai-chat/streamed", DIALECT("openai-chat") RETRIES,
     HELLO, BUSY},
    {"a further attempt, pulled", KIND_PULL, "openai-chat/streamed", DIALECT("openai-chat") RETRIES, HELLO,
     BUSY},
    {"an event of 12 MB", KIND_STREAM, "large/streamed", DIALECT("openai-chat"), HELLO, LARGE},
    {"an event of 12 MB, pulled", KIND_PULL, "large/streamed", DIALECT("openai-chat"), HELLO, LARGE},
    {"a prompt of 8 MB, openai-chat", KIND_CHAT, "openai-chat/plain", DIALECT("openai-chat"), NULL, LARGE},
    {"a prompt of 8 MB, anthropic-messages", KIND_CHAT, "anthropic-messages/plain",
     DIALECT("anthropic-messages"), NULL, LARGE},
    {"a prompt of 8 MB, gemini-generate", KIND_CHAT, "gemini-generate/plain", DIALECT("gemini-generate"),
     NULL, LARGE},
    {"a prompt of 8 MB, bedrock-converse", KIND_CHAT, "bedrock-converse/plain", BEDROCK, NULL, LARGE},
    {"a prompt of 8 MB, cohere-chat", KIND_CHAT, "cohere-chat/plain", DIALECT("cohere-chat"), NULL, LARGE},
    {"a prompt of 8 MB, ollama-chat", KIND_CHAT, "ollama-chat/plain", DIALECT("ollama-chat"), NULL, LARGE},
    {"a prompt of 8 MB, openai-responses", KIND_CHAT, "openai-responses/plain", DIALECT("openai-responses"),
     NULL, LARGE},
};
const int scenario_count = sizeof scenarios / sizeof scenarios[0];

static char config[4096];
static char fresh[256];
static char *request;
static char recorded[1 << 16];
static size_t recorded_size;

/* Many messages, one of them long, with a picture. */
static char *large_request(void) {
  static const int messages = 20000;
  const size_t text = 6 << 20, room = text + (size_t)messages * 64 + (2 << 20);
  char *json = malloc(room);
  char *end = json + sprintf(json, "{\"model\":\"m\",\"max_tokens\":100,\"messages\":[");
  for (int index = 0; index < messages; index++) {
    end += sprintf(end, "{\"role\":\"%s\",\"content\":\"message %d\"},", index % 2 ? "assistant" : "user",
                   index);
  }
  end += sprintf(end, "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\\n");
  memset(end, 'a', text);
  end += text;
  end += sprintf(end, "\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,");
  memset(end, 'A', 1 << 20);
  end += 1 << 20;
  sprintf(end, "\"}}]}]}");
  return json;
}

static void read_recorded(const char *golden) {
  char path[256];
  snprintf(path, sizeof path, "Tests/Golden/%s/response.bin", golden);
  FILE *file = fopen(path, "rb");
  recorded_size = file == NULL ? 0 : fread(recorded, 1, sizeof recorded, file);
  if (file != NULL) fclose(file);
}

static int note(const llm_event *event, void *place) {
  struct outcome *outcome = place;
  outcome->events++;
  outcome->last_type = event->type;
  if (event->type == LLM_EVENT_FINISH || event->type == LLM_EVENT_ERROR ||
      event->type == LLM_EVENT_CANCELLED) {
    outcome->terminals++;
  }
  if (event->type == LLM_EVENT_TEXT) {
    outcome->text_size += event->len;
    for (size_t index = 0; index < event->len; index++) {
      outcome->text_hash = outcome->text_hash * 31 + (unsigned char)event->data[index];
    }
  }
  return 0;
}

/* Two targets, of which the second is asked where the first fails. */
static void write_router(const char *base) {
  snprintf(config, sizeof config,
           "{\"type\":\"router\",\"strategy\":\"fallback\",\"models\":["
           "{\"name\":\"m\",\"provider\":{\"type\":\"openai-compatible\",\"base_url\":\"%s\"" ONCE "}},"
           "{\"name\":\"m\",\"provider\":{\"type\":\"openai-compatible\",\"base_url\":\"%s\"" ONCE
           ",\"name\":\"second\"}}]}",
           base, base);
}

static void write_provider(const char *members, const char *base) {
  bool is_mock = strstr(members, "mock") != NULL, retries = strstr(members, "\"retry\"") != NULL;
  if (is_mock)
    snprintf(config, sizeof config, "{%s}", members);
  else
    snprintf(config, sizeof config, "{%s,\"model\":\"m\",\"base_url\":\"%s\"%s}", members, base,
             retries ? "" : ONCE);
}

void scenario_prepare(const struct scenario *scenario, struct server_ports ports, const char *scratch) {
  char members[2048], base[512];
  snprintf(fresh, sizeof fresh, "%s/" FRESH_FOLDER, scratch);
  mkdir(fresh, 0700);
  bool is_secure = scenario->trait == SECURE;
  snprintf(base, sizeof base, "%s://%s:%d/%s%s", is_secure ? "https" : "http",
           scenario->trait == NAMED ? SERVER_NAME : "127.0.0.1", is_secure ? ports.secure : ports.plain,
           scenario->golden, scenario->trait == BUSY ? SERVER_BUSY : "");
  if (scenario->members == NULL) {
    write_router(base);
  } else {
    snprintf(members, sizeof members, scenario->members, scratch);
    write_provider(members, base);
  }
  /* What is played was recorded before. */
  const char *played = strstr(config, "\"replay\"");
  if (played != NULL) {
    char replaying[sizeof config];
    struct outcome outcome = {0};
    strcpy(replaying, config);
    memcpy(config + (played - config), "\"record\"", 8);
    llm_provider *provider = scenario_provider(&outcome);
    if (provider != NULL)
      outcome.status = llm_stream(provider, scenario->request, note, &outcome, &outcome.json);
    llm_free(outcome.json);
    llm_provider_free(provider);
    strcpy(config, replaying);
  }
  free(request);
  request = scenario->request != NULL ? strdup(scenario->request) : large_request();
  read_recorded(scenario->golden);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status;
  (void)type;
  return place->level == 0 ? 0 : remove(path);
}

llm_provider *scenario_provider(struct outcome *outcome) {
  llm_provider *provider = NULL;
  outcome->status = llm_provider_new(config, &provider, &outcome->json);
  return provider;
}

static void pull(llm_provider *provider, struct outcome *outcome) {
  llm_call *call;
  const llm_event *event;
  outcome->status = llm_call_start(provider, request, &call, &outcome->json);
  if (outcome->status < 0) return;
  while (llm_call_next(call, -1, &event) == LLM_OK) note(event, outcome);
  outcome->status = llm_call_result(call, &outcome->json);
  llm_call_free(call);
}

static void decode(llm_provider *provider, struct outcome *outcome) {
  llm_decoder *decoder;
  outcome->status =
      llm_decoder_new(provider, "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", 200,
                      &decoder, &outcome->json);
  if (outcome->status < 0) return;
  for (size_t place = 0; place < recorded_size; place += 512) {
    size_t size = recorded_size - place < 512 ? recorded_size - place : 512;
    if (llm_decoder_feed(decoder, recorded + place, size, note, outcome) != LLM_OK) break;
  }
  outcome->status = llm_decoder_finish(decoder, note, outcome, &outcome->json);
  llm_decoder_free(decoder);
}

void scenario_call(const struct scenario *scenario, llm_provider *provider, struct outcome *outcome) {
  switch (scenario->kind) {
  case KIND_NEW:
  case KIND_CHAT:
    outcome->status = llm_chat(provider, request, &outcome->json);
    break;
  case KIND_STREAM:
    outcome->status = llm_stream(provider, request, note, outcome, &outcome->json);
    break;
  case KIND_PULL:
    pull(provider, outcome);
    break;
  case KIND_EMBED:
    outcome->status = llm_embed(provider, request, &outcome->json);
    break;
  case KIND_MODELS:
    outcome->status = llm_models(provider, &outcome->json);
    break;
  case KIND_RENDER:
    outcome->status = llm_render(provider, request, &outcome->json);
    break;
  case KIND_DECODE:
    decode(provider, outcome);
    break;
  }
}

llm_provider *scenario_set_up(const struct scenario *scenario) {
  if (scenario->trait == FRESH) nftw(fresh, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  if (scenario->trait != WARM) return NULL;
  struct outcome outcome = {0};
  llm_provider *provider = scenario_provider(&outcome);
  if (provider != NULL) scenario_call(scenario, provider, &outcome);
  llm_free(outcome.json);
  return provider;
}

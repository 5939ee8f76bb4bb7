/* scenarios.h: what is tortured: a provider, one call of a kind, and how it is undone. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <llm_provider.h>
#include <stdbool.h>

enum kind { KIND_NEW, KIND_CHAT, KIND_STREAM, KIND_PULL, KIND_EMBED, KIND_MODELS, KIND_RENDER, KIND_DECODE };

struct scenario {
  const char *name;
  enum kind kind;
  const char *golden;  /* what the server answers with */
  const char *members; /* of the configuration; %s is the scratch directory */
  const char *request;
  bool is_large; /* only allocations beyond 16 KiB are failed, and the address space is bounded */
};

extern const struct scenario scenarios[];
extern const int scenario_count;

/* What a program that makes the scenario's call sees. Without allocations of its own. */
struct outcome {
  llm_status status; /* of what failed, or of the call */
  char *json;        /* of the same; freed with llm_free */
  int terminals, last_type;
  unsigned long text_size, text_hash; /* of the text events */
};

/* The configuration and the request, written out; `large` requests are made here. */
void scenario_prepare(const struct scenario *scenario, int port, const char *scratch);

/* Makes the provider; the outcome says why there is none. */
llm_provider *scenario_provider(struct outcome *outcome);

/* Makes the call. */
void scenario_call(const struct scenario *scenario, llm_provider *provider, struct outcome *outcome);

#endif

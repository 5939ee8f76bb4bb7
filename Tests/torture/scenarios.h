/* scenarios.h: what is tortured: a provider, one call of a kind, and how it is undone. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "server.h"

#include <llm_provider.h>

enum kind { KIND_NEW, KIND_CHAT, KIND_STREAM, KIND_PULL, KIND_EMBED, KIND_MODELS, KIND_RENDER, KIND_DECODE };

/* What a scenario is about besides its call. */
enum trait {
  USUAL,
  FRESH,  /* its folder is empty whenever it begins */
  WARM,   /* it has a connection from a call before */
  BUSY,   /* the server refuses the first request of a connection */
  NAMED,  /* the server has a name, which is resolved */
  SECURE, /* it is spoken to over TLS */
  LARGE,  /* only allocations beyond 16 KiB are failed, and the address space is bounded */
};

struct scenario {
  const char *name;
  enum kind kind;
  const char *golden;  /* what the server answers with */
  const char *members; /* of the configuration; %s is the scratch directory */
  const char *request;
  enum trait trait;
};

extern const struct scenario scenarios[];
extern const int scenario_count;

/* What a program that makes the scenario's call sees. Without allocations of its own. */
struct outcome {
  llm_status status; /* of what failed, or of the call */
  char *json;        /* of the same; freed with llm_free */
  int events, terminals, last_type;
  unsigned long text_size, text_hash; /* of the text events */
};

/* The configuration and the request, written out; large requests are made here. The scratch directory has the
 * authority of the server's. */
void scenario_prepare(const struct scenario *scenario, struct server_ports ports, const char *scratch);

/* The file in the scratch directory. */
#define AUTHORITY "authority.pem"

/* Makes it begin anew where that is its trait; makes the provider and a call before where that is. */
llm_provider *scenario_set_up(const struct scenario *scenario);

/* Makes the provider; the outcome says why there is none. */
llm_provider *scenario_provider(struct outcome *outcome);

/* Makes the call. */
void scenario_call(const struct scenario *scenario, llm_provider *provider, struct outcome *outcome);

#endif

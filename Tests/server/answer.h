/* Which plan answers a request: by its path, an administrative resource, a built-in one, or a script. */
#ifndef ANSWER_H
#define ANSWER_H

#include "http.h"
#include "plan.h"
#include "record.h"
#include "script.h"

struct statistics {
  unsigned long accepted; /* connections, TLS ones before their handshake */
  unsigned long open;     /* connections still there, this one included */
  unsigned long requests; /* administrative ones not counted */
  unsigned long aborted;  /* answers that the peer did not wait for */
};
extern struct statistics statistics;

void answer_configure(const struct script_settings *settings, bool recording);
/* Called when only the head of the request is there. */
struct script_reception answer_reception(const struct http_request *request);
/* Records the request and returns what to do about it. */
struct plan *answer(const struct http_request *request, const struct record_origin *origin);

#endif

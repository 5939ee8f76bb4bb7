/* A plan is what a response does to the socket, step by step: write these bytes, wait, close, reset, hang.
 * Scripts and built-in resources both end up as plans, and a connection knows nothing but how to run one. */
#ifndef PLAN_H
#define PLAN_H

#include "bytes.h"

#include <stdbool.h>

enum step_kind {
  STEP_WRITE, /* send a run of bytes, by one call of its own */
  STEP_WAIT,  /* do nothing for some milliseconds */
  STEP_CLOSE, /* orderly close, with a TLS close_notify where there is TLS */
  STEP_CUT,   /* TCP FIN without a TLS close_notify; the same as STEP_CLOSE without TLS */
  STEP_RESET, /* TCP RST */
  STEP_HANG   /* nothing more, until the peer leaves */
};

struct step {
  enum step_kind kind;
  unsigned wait_ms;
  size_t offset; /* into plan->bytes */
  size_t size;
};

struct plan {
  unsigned references;
  struct bytes bytes;
  struct step *steps;
  size_t count;
  size_t capacity;
};

struct plan *plan_new(void);
struct plan *plan_retain(struct plan *plan);
void plan_release(struct plan *plan);

void plan_write(struct plan *plan, const void *data, size_t size);
void plan_wait(struct plan *plan, unsigned wait_ms);
void plan_end(struct plan *plan, enum step_kind kind);
size_t plan_write_total(const struct plan *plan);

/* Each of these replaces a plan by a changed one and consumes the old one. */
struct plan *plan_gzipped(struct plan *plan);
struct plan *plan_split(struct plan *plan, size_t piece, unsigned wait_ms);
/* Puts a wait, if it is not 0, and `head` in front. */
struct plan *plan_prefixed(struct plan *plan, unsigned wait_ms, const struct bytes *head);

struct chunk_style {
  size_t size;           /* 0: each write is one chunk */
  const char *extension; /* appended to each chunk-size line, or "" */
  const char *trailers;  /* header lines after the last chunk, or "" */
  bool unterminated;     /* leave the last, empty chunk out */
};
struct plan *plan_chunked(struct plan *plan, const struct chunk_style *style);

/* A whole response with a JSON body and a Content-Length. */
struct plan *plan_json(int status, const char *json);
/* The same, with an OpenAI-style error document. */
struct plan *plan_error(int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

#include "plan.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct plan *plan_new(void) {
  struct plan *plan = xcalloc(1, sizeof *plan);
  plan->references = 1;
  return plan;
}

struct plan *plan_retain(struct plan *plan) {
  plan->references++;
  return plan;
}

void plan_release(struct plan *plan) {
  if (plan == NULL || --plan->references > 0) return;
  bytes_free(&plan->bytes);
  free(plan->steps);
  free(plan);
}

static void add_step(struct plan *plan, struct step step) {
  if (plan->count == plan->capacity) {
    plan->capacity = plan->capacity > 0 ? plan->capacity * 2 : 4;
    plan->steps = xrealloc(plan->steps, plan->capacity * sizeof *plan->steps);
  }
  plan->steps[plan->count++] = step;
}

void plan_write(struct plan *plan, const void *data, size_t size) {
  if (size == 0) return;
  add_step(plan, (struct step){.kind = STEP_WRITE, .offset = plan->bytes.size, .size = size});
  bytes_append(&plan->bytes, data, size);
}

void plan_wait(struct plan *plan, unsigned wait_ms) {
  add_step(plan, (struct step){.kind = STEP_WAIT, .wait_ms = wait_ms});
}

void plan_end(struct plan *plan, enum step_kind kind) {
  add_step(plan, (struct step){.kind = kind});
}

/* Every write lies in plan->bytes exactly once, so that the sum needs no loop. */
size_t plan_write_total(const struct plan *plan) {
  return plan->bytes.size;
}

static bool ends_connection(const struct step *step) {
  return step->kind != STEP_WRITE && step->kind != STEP_WAIT;
}

/* ---- gzip ---- */

static void deflate_into(z_stream *stream, struct bytes *out, const char *data, size_t size, int flush) {
  stream->next_in = (Bytef *)data;
  stream->avail_in = (uInt)size;
  do {
    char piece[16384];
    stream->next_out = (Bytef *)piece;
    stream->avail_out = sizeof piece;
    deflate(stream, flush);
    bytes_append(out, piece, sizeof piece - stream->avail_out);
  } while (stream->avail_out == 0);
}

/* Each write is flushed by itself, so that delays between writes still show after decompression. */
struct plan *plan_gzipped(struct plan *plan) {
  const int gzip_window_bits = 15 + 16;
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    abort();

  struct plan *result = plan_new();
  struct bytes out = {0};
  bool cut_off = false;
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->steps[i];
    if (step->kind != STEP_WRITE) {
      cut_off = cut_off || ends_connection(step);
      add_step(result, *step);
      continue;
    }
    out.size = 0;
    deflate_into(&stream, &out, plan->bytes.data + step->offset, step->size, Z_SYNC_FLUSH);
    plan_write(result, out.data, out.size);
  }
  if (!cut_off) {
    out.size = 0;
    deflate_into(&stream, &out, "", 0, Z_FINISH);
    plan_write(result, out.data, out.size);
  }
  deflateEnd(&stream);
  bytes_free(&out);
  plan_release(plan);
  return result;
}

/* ---- chunked transfer coding ---- */

static void write_chunk(struct plan *plan, const char *data, size_t size, const char *extension) {
  struct bytes chunk = {0};
  bytes_format(&chunk, "%zx%s\r\n", size, extension);
  bytes_append(&chunk, data, size);
  bytes_text(&chunk, "\r\n");
  plan_write(plan, chunk.data, chunk.size);
  bytes_free(&chunk);
}

static void write_chunks(struct plan *plan, const char *data, size_t size, const struct chunk_style *style) {
  size_t limit = style->size > 0 ? style->size : size;
  for (size_t done = 0; done < size; done += limit) {
    size_t rest = size - done;
    write_chunk(plan, data + done, rest < limit ? rest : limit, style->extension);
  }
}

static void write_last_chunk(struct plan *plan, const char *trailers) {
  struct bytes last = {0};
  bytes_format(&last, "0\r\n%s\r\n", trailers);
  plan_write(plan, last.data, last.size);
  bytes_free(&last);
}

struct plan *plan_chunked(struct plan *plan, const struct chunk_style *style) {
  struct plan *result = plan_new();
  bool cut_off = style->unterminated;
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->steps[i];
    if (step->kind == STEP_WRITE) {
      write_chunks(result, plan->bytes.data + step->offset, step->size, style);
    } else {
      cut_off = cut_off || ends_connection(step);
      add_step(result, *step);
    }
  }
  if (!cut_off) write_last_chunk(result, style->trailers);
  plan_release(plan);
  return result;
}

/* ---- splitting and prefixing ---- */

static void write_pieces(struct plan *plan, const char *data, size_t size, size_t piece, unsigned wait_ms) {
  for (size_t done = 0; done < size; done += piece) {
    size_t rest = size - done;
    plan_write(plan, data + done, rest < piece ? rest : piece);
    if (wait_ms > 0) plan_wait(plan, wait_ms);
  }
}

struct plan *plan_split(struct plan *plan, size_t piece, unsigned wait_ms) {
  struct plan *result = plan_new();
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->steps[i];
    if (step->kind == STEP_WRITE) {
      write_pieces(result, plan->bytes.data + step->offset, step->size, piece, wait_ms);
    } else {
      add_step(result, *step);
    }
  }
  plan_release(plan);
  return result;
}

struct plan *plan_prefixed(struct plan *plan, unsigned wait_ms, const struct bytes *head) {
  struct plan *result = plan_new();
  if (wait_ms > 0) plan_wait(result, wait_ms);
  plan_write(result, head->data, head->size);
  for (size_t i = 0; i < plan->count; i++) {
    struct step step = plan->steps[i];
    step.offset += head->size;
    add_step(result, step);
  }
  bytes_append(&result->bytes, plan->bytes.data, plan->bytes.size);
  plan_release(plan);
  return result;
}

/* ---- whole responses ---- */

static const char *reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  default:
    return "Internal Server Error";
  }
}

struct plan *plan_json(int status, const char *json) {
  struct plan *plan = plan_new();
  struct bytes response = {0};
  bytes_format(&response, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               status, reason_phrase(status), strlen(json));
  bytes_text(&response, json);
  plan_write(plan, response.data, response.size);
  bytes_free(&response);
  return plan;
}

struct plan *plan_error(int status, const char *code, const char *format, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  json_t *document = json_pack("{s:{s:s, s:s, s:n, s:s}}", "error", "message", message, "type", "test_server",
                               "param", "code", code);
  char *json = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
  struct plan *plan = plan_json(status, json != NULL ? json : "{\"error\":{\"message\":\"not UTF-8\"}}");
  free(json);
  json_decref(document);
  return plan;
}

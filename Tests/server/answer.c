#include "answer.h"

#include "generate.h"

#include <stdlib.h>
#include <string.h>

struct statistics statistics;

static struct script_settings settings;
static bool recording;

void answer_configure(const struct script_settings *script_settings, bool keep_records) {
  settings = *script_settings;
  recording = keep_records;
}

/* Returns what follows `prefix` in the path if it is that path or lies below it; NULL otherwise. */
static const char *below(const char *path, const char *prefix) {
  size_t length = strlen(prefix);
  if (strncmp(path, prefix, length) != 0) return NULL;
  return path[length] == '\0' || path[length] == '/' ? path + length : NULL;
}

static bool is_method(const struct http_request *request, const char *method) {
  return strcmp(request->method, method) == 0;
}

static struct plan *requests_resource(const struct http_request *request, const char *path_prefix) {
  if (is_method(request, "DELETE")) {
    record_forget();
    script_rewind_all();
    return plan_json(200, "{}");
  }
  char *json = record_dump(path_prefix);
  struct plan *plan = plan_json(200, json);
  free(json);
  return plan;
}

static struct plan *statistics_resource(void) {
  struct bytes json = {0};
  bytes_format(&json, "{\"accepted\":%lu,\"open\":%lu,\"requests\":%lu,\"aborted\":%lu}", statistics.accepted,
               statistics.open, statistics.requests, statistics.aborted);
  bytes_append(&json, "", 1);
  struct plan *plan = plan_json(200, json.data);
  bytes_free(&json);
  return plan;
}

static struct plan *scripts_resource(const struct http_request *request, const char *rest) {
  if (!is_method(request, "PUT") || *rest != '/')
    return plan_error(400, "bad_request", "PUT /__scripts/NAME");
  char *text = xstrndup(request->body.size > 0 ? request->body.data : "", request->body.size);
  char *error = script_define(&settings, rest + 1, text);
  free(text);
  struct plan *plan = error == NULL ? plan_json(200, "{}") : plan_error(400, "bad_script", "%s", error);
  free(error);
  return plan;
}

static struct plan *administer(const struct http_request *request) {
  const char *rest;
  if ((rest = below(request->target, "/__requests")) != NULL) return requests_resource(request, rest);
  if (below(request->target, "/__stats") != NULL) return statistics_resource();
  if ((rest = below(request->target, "/__scripts")) != NULL) return scripts_resource(request, rest);
  return NULL;
}

/* The first segment of the path, to be freed. */
static char *first_segment(const char *target) {
  const char *start = *target == '/' ? target + 1 : target;
  return xstrndup(start, strcspn(start, "/?"));
}

struct script_reception answer_reception(const struct http_request *request) {
  if (strncmp(request->target, "/__", 3) == 0) return (struct script_reception){0};
  char *segment = first_segment(request->target);
  struct script_reception reception = script_reception(&settings, segment);
  free(segment);
  return reception;
}

static struct plan *answer_by_script(const struct http_request *request) {
  char *segment = first_segment(request->target);
  struct plan *plan = script_answer(&settings, segment, request);
  free(segment);
  return plan;
}

struct plan *answer(const struct http_request *request, const struct record_origin *origin) {
  struct plan *plan = administer(request);
  if (plan != NULL) return plan;
  statistics.requests++;
  if (recording) record_request(request, origin);
  return generate_handles(request->target) ? generate_answer(request) : answer_by_script(request);
}

/* Built-in resources that need no script: /__gen and /__echo. They are described in README.md. */
#ifndef GENERATE_H
#define GENERATE_H

#include "http.h"
#include "plan.h"

/* True if `path` belongs to a built-in resource. */
bool generate_handles(const char *path);
struct plan *generate_answer(const struct http_request *request);

#endif

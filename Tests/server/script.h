/* Scripts: text files that say what the server answers, response by response. The format is in README.md. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "http.h"
#include "plan.h"

struct script_settings {
  const char *directory; /* where NAME.txt lies, or NULL */
  int port;              /* {{port}} in a header */
  int tls_port;          /* {{tls-port}} in a header; 0 if there is none */
};

/* How the head of a request is to be treated, before its body has been read. */
struct script_reception {
  bool answer_early;      /* answer now, do not read the body */
  bool withhold_continue; /* no "100 Continue", although the client waits for it */
};

/* `segment` is the first segment of a path: NAME or NAME~TAG, each tag with a position of its own. */
struct script_reception script_reception(const struct script_settings *settings, const char *segment);
/* The next response of the script; an error response if there is none, or if the request does not match. */
struct plan *script_answer(const struct script_settings *settings, const char *segment,
                           const struct http_request *request);
/* Keeps `text` as script NAME, before any file of that name. Returns an error to be freed, or NULL. */
char *script_define(const struct script_settings *settings, const char *name, const char *text);
/* Every script starts again with its first response, and changed files are read again. */
void script_rewind_all(void);

#endif

/* What was asked of the server, so that tests can look: the records behind /__requests and --log. */
#ifndef RECORD_H
#define RECORD_H

#include "http.h"

struct record_origin {
  unsigned long connection; /* counted from 1 over the life of the server */
  unsigned long request;    /* counted from 1 on its connection */
  bool tls;
  bool tls_resumed;
};

/* Opens the file that gets one JSON line per request. */
bool record_open_log(const char *path);
void record_request(const struct http_request *request, const struct record_origin *origin);
/* The records whose path begins with `prefix`, as a JSON array to be freed. */
char *record_dump(const char *prefix);
void record_forget(void);

#endif

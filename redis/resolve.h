/* Names of machines, looked up for no longer than there is time. */
#ifndef LLM_REDIS_RESOLVE_H
#define LLM_REDIS_RESOLVE_H

#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>

enum { MOST_ADDRESSES = 8 };

struct addresses {
  int count;
  struct sockaddr_storage all[MOST_ADDRESSES];
  socklen_t lengths[MOST_ADDRESSES];
};

/* A name that is being looked up: whoever asks for it meanwhile waits for the same answer, and an answer that
 * comes too late for one is there for the next. */
struct resolver {
  pthread_mutex_t lock;
  struct lookup *pending;
};

void resolver_open(struct resolver *resolver);

/* The addresses of a host; NULL, or what was wrong. */
const char *resolve(struct resolver *resolver, const char *host, int port, int64_t deadline,
                    struct addresses *addresses);

/* In a process that was forked off: what was looked up is the parent's. */
void resolver_forget(struct resolver *resolver);
void resolver_close(struct resolver *resolver);

#endif

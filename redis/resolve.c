/* getaddrinfo has no time-out, and a resolver may take as long as it likes. So a name is looked up by glibc's
 * getaddrinfo_a, in a thread of glibc's that ends by itself; an address in digits needs none. */
#include "resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"

struct lookup {
  struct gaicb request;
  struct addrinfo hints;
  char *host;
  char port[8];
  int waiting; /* how many threads look at it */
  struct lookup *next;
};

/* Lookups that nobody waits for any more, and that cannot be stopped: freed once they are over. */
static pthread_mutex_t abandoned_lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *abandoned;

static void free_lookup(struct lookup *lookup) {
  if (lookup->request.ar_result != NULL) freeaddrinfo(lookup->request.ar_result);
  free(lookup->host);
  free(lookup);
}

/* Frees a lookup now or, where glibc still works on it, later. */
static void end_lookup(struct lookup *lookup) {
  if (gai_error(&lookup->request) != EAI_INPROGRESS || gai_cancel(&lookup->request) == EAI_CANCELED) {
    free_lookup(lookup);
    return;
  }
  pthread_mutex_lock(&abandoned_lock);
  lookup->next = abandoned;
  abandoned = lookup;
  pthread_mutex_unlock(&abandoned_lock);
}

static void free_abandoned(void) {
  pthread_mutex_lock(&abandoned_lock);
  for (struct lookup **place = &abandoned; *place != NULL;) {
    struct lookup *lookup = *place;
    if (gai_error(&lookup->request) == EAI_INPROGRESS) {
      place = &lookup->next;
    } else {
      *place = lookup->next;
      free_lookup(lookup);
    }
  }
  pthread_mutex_unlock(&abandoned_lock);
}

static void take(const struct addrinfo *found, struct addresses *addresses) {
  addresses->count = 0;
  for (; found != NULL && addresses->count < MOST_ADDRESSES; found = found->ai_next) {
    memcpy(&addresses->all[addresses->count], found->ai_addr, found->ai_addrlen);
    addresses->lengths[addresses->count++] = found->ai_addrlen;
  }
}

static int take_numeric(const char *host, const char *port, struct addresses *addresses) {
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) return 0;
  take(found, addresses);
  freeaddrinfo(found);
  return 1;
}

static struct lookup *begin_lookup(const char *host, const char *port) {
  struct lookup *lookup = calloc(1, sizeof *lookup);
  if (lookup == NULL) return NULL;
  lookup->host = strdup(host);
  strcpy(lookup->port, port);
  lookup->hints.ai_socktype = SOCK_STREAM;
  lookup->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  lookup->request.ar_name = lookup->host;
  lookup->request.ar_service = lookup->port;
  lookup->request.ar_request = &lookup->hints;
  struct gaicb *list[] = {&lookup->request};
  if (lookup->host != NULL && getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0) return lookup;
  free(lookup->host);
  free(lookup);
  return NULL;
}

static void await(const struct lookup *lookup, int64_t deadline) {
  const struct gaicb *list[] = {&lookup->request};
  int64_t left;
  while (gai_error((struct gaicb *)&lookup->request) == EAI_INPROGRESS && (left = time_left(deadline)) > 0) {
    struct timespec patience = {left / 1000000, left % 1000000 * 1000};
    gai_suspend(list, 1, &patience);
  }
}

void resolver_open(struct resolver *resolver) {
  pthread_mutex_init(&resolver->lock, NULL);
  resolver->pending = NULL;
}

const char *resolve(struct resolver *resolver, const char *host, int port, int64_t deadline,
                    struct addresses *addresses) {
  char service[8];
  snprintf(service, sizeof service, "%d", port);
  if (take_numeric(host, service, addresses)) return NULL;
  free_abandoned();

  pthread_mutex_lock(&resolver->lock);
  if (resolver->pending == NULL) resolver->pending = begin_lookup(host, service);
  struct lookup *lookup = resolver->pending;
  if (lookup != NULL) lookup->waiting++;
  pthread_mutex_unlock(&resolver->lock);
  if (lookup == NULL) return "no memory to look up the name of its host";

  await(lookup, deadline);
  pthread_mutex_lock(&resolver->lock);
  int code = gai_error(&lookup->request);
  if (code == 0) take(lookup->request.ar_result, addresses);
  if (code != EAI_INPROGRESS && resolver->pending == lookup) resolver->pending = NULL;
  int is_last = --lookup->waiting == 0 && resolver->pending != lookup;
  pthread_mutex_unlock(&resolver->lock);
  if (is_last) end_lookup(lookup);
  if (code == EAI_INPROGRESS) return "the name of its host is not found in time";
  return code == 0 ? NULL : "the name of its host is not found";
}

void resolver_forget(struct resolver *resolver) {
  resolver->pending = NULL;
}

void resolver_close(struct resolver *resolver) {
  if (resolver->pending != NULL) end_lookup(resolver->pending);
  free_abandoned();
  pthread_mutex_destroy(&resolver->lock);
}

#include "connection.h"

#include "answer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  LISTEN_BACKLOG = 4096,
  READ_SIZE = 64 * 1024,
  WRITES_PER_TURN = 64, /* then the other connections have their turn */
  DRAIN_MS = 2000       /* how long the peer may take to close after us */
};

enum stage {
  STAGE_HANDSHAKE, /* TLS handshake */
  STAGE_RECEIVING, /* reading a request */
  STAGE_ANSWERING, /* running a plan */
  STAGE_DRAINING,  /* closed on our side, waiting for the peer's side */
  STAGE_STALLED,   /* reading, never answering */
  STAGE_GARBLING   /* answering whatever comes with garbage */
};

struct connection {
  struct source source;
  enum stage stage;
  SSL *tls;
  struct record_origin origin;
  struct bytes input;
  struct http_request *request;
  struct plan *plan;
  size_t step; /* of the plan */
  size_t sent; /* of the step */
  bool waiting;
  bool closes_after_answer;
};

/* ---- input and output ---- */

enum io_state { IO_OK, IO_BLOCKED, IO_OVER };

static void await(struct connection *connection, bool writable) {
  loop_set_interest(&connection->source, EPOLLIN | (writable ? EPOLLOUT : 0));
}

static enum io_state tls_state(struct connection *connection, int result) {
  switch (SSL_get_error(connection->tls, result)) {
  case SSL_ERROR_WANT_READ:
    await(connection, false);
    return IO_BLOCKED;
  case SSL_ERROR_WANT_WRITE:
    await(connection, true);
    return IO_BLOCKED;
  default:
    return IO_OVER;
  }
}

static enum io_state read_some(struct connection *connection, char *buffer, size_t *size) {
  ERR_clear_error();
  if (connection->tls != NULL) {
    int got = SSL_read(connection->tls, buffer, (int)*size);
    *size = got > 0 ? (size_t)got : 0;
    return got > 0 ? IO_OK : tls_state(connection, got);
  }
  ssize_t got = recv(connection->source.descriptor, buffer, *size, 0);
  *size = got > 0 ? (size_t)got : 0;
  if (got > 0) return IO_OK;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? IO_BLOCKED : IO_OVER;
}

static enum io_state write_some(struct connection *connection, const char *data, size_t *size) {
  ERR_clear_error();
  if (connection->tls != NULL) {
    int put = SSL_write(connection->tls, data, *size < READ_SIZE ? (int)*size : READ_SIZE);
    *size = put > 0 ? (size_t)put : 0;
    return put > 0 ? IO_OK : tls_state(connection, put);
  }
  ssize_t put = send(connection->source.descriptor, data, *size, MSG_NOSIGNAL);
  *size = put > 0 ? (size_t)put : 0;
  if (put > 0) return IO_OK;
  if (errno != EAGAIN && errno != EINTR) return IO_OVER;
  await(connection, true);
  return IO_BLOCKED;
}

/* Reads all there is; IO_OVER when the peer has closed its side or the connection broke. */
static enum io_state read_input(struct connection *connection) {
  static char buffer[READ_SIZE];
  for (;;) {
    size_t size = sizeof buffer;
    enum io_state state = read_some(connection, buffer, &size);
    if (state != IO_OK) return state;
    bool discarded = connection->stage == STAGE_DRAINING || connection->stage == STAGE_STALLED;
    if (!discarded) bytes_append(&connection->input, buffer, size);
    if (connection->tls == NULL && size < sizeof buffer) return IO_BLOCKED;
  }
}

/* ---- the ends of a connection ---- */

static void destroy(struct connection *connection) {
  if (connection->stage == STAGE_ANSWERING) statistics.aborted++;
  statistics.open--;
  loop_remove(&connection->source);
  SSL_free(connection->tls);
  close(connection->source.descriptor);
  bytes_free(&connection->input);
  http_request_free(connection->request);
  plan_release(connection->plan);
  free(connection);
}

/* Closes our side and lets the peer read in peace: to close with unread input would send a reset. */
static void close_gently(struct connection *connection, bool say_goodbye) {
  if (connection->tls != NULL && say_goodbye) SSL_shutdown(connection->tls);
  shutdown(connection->source.descriptor, SHUT_WR);
  SSL_free(connection->tls);
  connection->tls = NULL;
  connection->stage = STAGE_DRAINING;
  await(connection, false);
  loop_set_timer(&connection->source, DRAIN_MS);
}

static void reset(struct connection *connection) {
  const struct linger discard = {.l_onoff = 1, .l_linger = 0};
  setsockopt(connection->source.descriptor, SOL_SOCKET, SO_LINGER, &discard, sizeof discard);
  connection->stage = STAGE_DRAINING;
  destroy(connection);
}

/* ---- answering ---- */

static void begin_answer(struct connection *connection, struct plan *plan) {
  connection->plan = plan;
  connection->step = 0;
  connection->sent = 0;
  connection->stage = STAGE_ANSWERING;
}

/* True if the connection goes on to the next request. */
static bool finish_answer(struct connection *connection) {
  plan_release(connection->plan);
  connection->plan = NULL;
  http_request_free(connection->request);
  connection->request = NULL;
  if (connection->closes_after_answer) {
    close_gently(connection, true);
    return false;
  }
  connection->stage = STAGE_RECEIVING;
  await(connection, false);
  return true;
}

/* True when the step is done; false if it is blocked, or the connection gone. */
static bool run_write(struct connection *connection, const struct step *step) {
  while (connection->sent < step->size) {
    size_t size = step->size - connection->sent;
    const char *data = connection->plan->bytes.data + step->offset + connection->sent;
    enum io_state state = write_some(connection, data, &size);
    if (state == IO_OVER) destroy(connection);
    if (state != IO_OK) return false;
    connection->sent += size;
  }
  return true;
}

/* The same for the steps that are no writes. */
static bool run_other(struct connection *connection, const struct step *step) {
  switch (step->kind) {
  case STEP_WAIT:
    if (connection->waiting) return false;
    connection->waiting = true;
    await(connection, false);
    loop_set_timer(&connection->source, step->wait_ms);
    return false;
  case STEP_RESET:
    reset(connection);
    return false;
  case STEP_CLOSE:
  case STEP_CUT:
    close_gently(connection, step->kind == STEP_CLOSE);
    return false;
  default: /* STEP_HANG */
    await(connection, false);
    return false;
  }
}

/* True when the answer is given and the next request may come. */
static bool run_plan(struct connection *connection) {
  unsigned writes = 0;
  while (connection->step < connection->plan->count) {
    const struct step *step = &connection->plan->steps[connection->step];
    if (step->kind == STEP_WRITE && writes++ == WRITES_PER_TURN) {
      await(connection, true);
      return false;
    }
    bool done = step->kind == STEP_WRITE ? run_write(connection, step) : run_other(connection, step);
    if (!done) return false;
    connection->step++;
    connection->sent = 0;
  }
  return finish_answer(connection);
}

/* ---- receiving ---- */

static void send_continue(struct connection *connection) {
  static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
  size_t size = sizeof interim - 1;
  write_some(connection, interim, &size); /* fits: the client is silent until it has it */
}

static void answer_request(struct connection *connection) {
  connection->origin.request++;
  connection->origin.tls_resumed = connection->tls != NULL && SSL_session_reused(connection->tls);
  if (!connection->request->keep_alive) connection->closes_after_answer = true;
  begin_answer(connection, answer(connection->request, &connection->origin));
}

/* The head is there: says "100 Continue", or answers already, as the script wants it. */
static void receive_head(struct connection *connection) {
  struct script_reception reception = answer_reception(connection->request);
  if (reception.answer_early) {
    connection->closes_after_answer = true;
    answer_request(connection);
  } else if (connection->request->expects_continue && !reception.withhold_continue) {
    send_continue(connection);
  }
}

/* Leaves STAGE_RECEIVING when there is something to answer. */
static void receive_request(struct connection *connection) {
  if (connection->request == NULL) {
    if (connection->input.size == 0) return;
    connection->request = http_request_new();
  }
  switch (http_feed(connection->request, &connection->input)) {
  case HTTP_NEEDS_MORE:
    return;
  case HTTP_MALFORMED:
    connection->closes_after_answer = true;
    begin_answer(connection, plan_error(400, "bad_request", "the request is not HTTP/1.1"));
    return;
  case HTTP_GOT_HEAD:
    receive_head(connection);
    if (connection->stage == STAGE_RECEIVING) receive_request(connection);
    return;
  case HTTP_GOT_ALL:
    answer_request(connection);
    return;
  }
}

static void garble(struct connection *connection) {
  static const char garbage[] = "This is not TLS.\r\n";
  struct plan *plan = plan_new();
  plan_write(plan, garbage, sizeof garbage - 1);
  plan_end(plan, STEP_CLOSE);
  begin_answer(connection, plan);
}

/* Goes on until the peer or the clock has to do something. */
static void drive(struct connection *connection) {
  if (connection->stage == STAGE_GARBLING && connection->input.size > 0) garble(connection);
  for (;;) {
    if (connection->stage == STAGE_RECEIVING) receive_request(connection);
    if (connection->stage != STAGE_ANSWERING || !run_plan(connection)) return;
  }
}

/* ---- events ---- */

/* True if the handshake is done; false if it goes on, or the connection is gone. */
static bool shake_hands(struct connection *connection) {
  ERR_clear_error();
  int result = SSL_accept(connection->tls);
  if (result != 1) {
    if (tls_state(connection, result) == IO_OVER) destroy(connection);
    return false;
  }
  connection->stage = STAGE_RECEIVING;
  await(connection, false);
  return true;
}

static void connection_ready(struct source *source, uint32_t events) {
  struct connection *connection = (struct connection *)source;
  if (connection->stage == STAGE_HANDSHAKE && !shake_hands(connection)) return;
  /* TLS may have read ahead, so that its input does not show as an event. */
  bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 || connection->tls != NULL;
  if (readable && read_input(connection) == IO_OVER) {
    destroy(connection);
    return;
  }
  drive(connection);
}

static void connection_timer(struct source *source) {
  struct connection *connection = (struct connection *)source;
  if (connection->stage == STAGE_DRAINING) {
    destroy(connection);
    return;
  }
  connection->waiting = false;
  connection->step++;
  drive(connection);
}

static enum stage first_stage(enum listener_kind kind) {
  static const enum stage stages[] = {
      [LISTEN_PLAIN] = STAGE_RECEIVING,
      [LISTEN_TLS] = STAGE_HANDSHAKE,
      [LISTEN_TLS_STALL] = STAGE_STALLED,
      [LISTEN_TLS_GARBAGE] = STAGE_GARBLING,
  };
  return stages[kind];
}

static void connection_new(const struct listener *listener, int descriptor) {
  struct connection *connection = xcalloc(1, sizeof *connection);
  connection->source =
      (struct source){.descriptor = descriptor, .on_ready = connection_ready, .on_timer = connection_timer};
  connection->stage = first_stage(listener->kind);
  connection->origin.connection = ++statistics.accepted;
  statistics.open++;
  if (listener->kind == LISTEN_TLS) {
    connection->origin.tls = true;
    connection->tls = SSL_new(listener->tls);
    SSL_set_fd(connection->tls, descriptor);
    SSL_set_accept_state(connection->tls);
  }
  const int on = 1; /* each write is to be a packet of its own; a unix socket refuses, and needs it not */
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!loop_add(&connection->source, EPOLLIN)) destroy(connection);
}

/* ---- listening ---- */

static void listener_ready(struct source *source, uint32_t events) {
  (void)events;
  const struct listener *listener = (const struct listener *)source;
  int descriptor;
  while ((descriptor = accept4(source->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    connection_new(listener, descriptor);
  }
  if (errno == EMFILE) {
    fputs("llm-test-server: out of descriptors\n", stderr);
    loop_remove(source);
  }
}

static bool listen_on(struct listener *listener, const struct sockaddr *address, socklen_t size) {
  int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  listener->source.descriptor = descriptor;
  listener->source.on_ready = listener_ready;
  return bind(descriptor, address, size) == 0 && listen(descriptor, LISTEN_BACKLOG) == 0 &&
         loop_add(&listener->source, EPOLLIN);
}

int listen_on_loopback(struct listener *listener, int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (!listen_on(listener, (struct sockaddr *)&address, size)) return -1;
  getsockname(listener->source.descriptor, (struct sockaddr *)&address, &size);
  return ntohs(address.sin_port);
}

int listen_on_unix_socket(struct listener *listener, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  unlink(path);
  return listen_on(listener, (struct sockaddr *)&address, sizeof address) ? 0 : -1;
}

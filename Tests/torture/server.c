#define _GNU_SOURCE
#include "server.h"

#include "../server/tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct answer {
  char *body;
  size_t size;
  const char *type;
};

struct connection {
  int descriptor;
  SSL *tls; /* NULL where there is none */
};

static ssize_t receive(struct connection *connection, char *bytes, size_t size) {
  return connection->tls != NULL ? SSL_read(connection->tls, bytes, (int)size)
                                 : recv(connection->descriptor, bytes, size, 0);
}

static void send_all(struct connection *connection, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = connection->tls != NULL ? SSL_write(connection->tls, bytes, (int)size)
                                           : send(connection->descriptor, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    size -= (size_t)sent;
  }
}

/* Reads one request, head and body; its path, or false at the end of the connection. */
static int read_request(struct connection *connection, char *path, size_t room) {
  static const size_t most = 1 << 16;
  char *head = malloc(most);
  size_t size = 0, expected = 0;
  char *end = NULL;
  while (end == NULL && size + 1 < most) {
    ssize_t got = receive(connection, head + size, most - size - 1);
    if (got <= 0) {
      free(head);
      return 0;
    }
    size += (size_t)got;
    head[size] = 0;
    end = strstr(head, "\r\n\r\n");
  }
  char *target = strchr(head, ' ');
  snprintf(path, room, "%.*s", (int)strcspn(target ? target + 1 : "", " ?"), target ? target + 1 : "");
  char *length = strcasestr(head, "\r\ncontent-length:");
  if (length != NULL && end != NULL && length < end) expected = strtoul(length + 17, NULL, 10);
  if (strcasestr(head, "\r\nexpect:") != NULL) send_all(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
  size_t got_body = end == NULL ? 0 : size - (size_t)(end + 4 - head);
  while (got_body < expected) {
    ssize_t got = receive(connection, head, most);
    if (got <= 0) break;
    got_body += (size_t)got;
  }
  free(head);
  return 1;
}

static struct answer large_answer(void) {
  static const char before[] =
      "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
  static const char after[] =
      "\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      "data: [DONE]\n\n";
  struct answer answer = {malloc(sizeof before + sizeof after + LARGE_TEXT), 0, "text/event-stream"};
  memcpy(answer.body, before, sizeof before - 1);
  memset(answer.body + sizeof before - 1, 'a', LARGE_TEXT);
  memcpy(answer.body + sizeof before - 1 + LARGE_TEXT, after, sizeof after - 1);
  answer.size = sizeof before - 1 + LARGE_TEXT + sizeof after - 1;
  return answer;
}

static struct answer answer_to(const char *path) {
  char dialect[64] = "", name[64] = "", file[256];
  sscanf(path, "/%63[^/]/%63[^/]", dialect, name);
  if (strcmp(dialect, "large") == 0) return large_answer();
  struct answer answer = {calloc(1, 1), 0, "application/json"};
  snprintf(file, sizeof file, "Tests/Golden/%s/%s/response.bin", dialect, name);
  FILE *stream = fopen(file, "rb");
  if (stream == NULL) return answer;
  answer.body = realloc(answer.body, 1 << 20);
  answer.size = fread(answer.body, 1, 1 << 20, stream);
  fclose(stream);
  int is_stream = strstr(name, "streamed") != NULL;
  if (is_stream && strncmp(dialect, "bedrock", 7) == 0)
    answer.type = "application/vnd.amazon.eventstream";
  else if (is_stream && strncmp(dialect, "ollama", 6) == 0)
    answer.type = "application/x-ndjson";
  else if (is_stream)
    answer.type = "text/event-stream";
  return answer;
}

static void answer_requests(struct connection *connection) {
  static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
  char path[512];
  for (bool is_first = true; read_request(connection, path, sizeof path); is_first = false) {
    if (is_first && strstr(path, SERVER_BUSY) != NULL) {
      send_all(connection, busy, sizeof busy - 1);
      continue;
    }
    struct answer answer = answer_to(path);
    char head[256];
    int size =
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                 answer.type, answer.size);
    send_all(connection, head, (size_t)size);
    /* In three pieces, so that events are cut. */
    size_t third = answer.size / 3;
    send_all(connection, answer.body, third);
    send_all(connection, answer.body + third, third);
    send_all(connection, answer.body + 2 * third, answer.size - 2 * third);
    free(answer.body);
  }
}

static SSL_CTX *tls_context;

static void *serve_plainly(void *argument) {
  struct connection connection = {(int)(intptr_t)argument, NULL};
  answer_requests(&connection);
  close(connection.descriptor);
  return NULL;
}

static void *serve_securely(void *argument) {
  struct connection connection = {(int)(intptr_t)argument, SSL_new(tls_context)};
  if (connection.tls != NULL && SSL_set_fd(connection.tls, connection.descriptor) == 1 &&
      SSL_accept(connection.tls) == 1) {
    answer_requests(&connection);
    SSL_shutdown(connection.tls);
  }
  SSL_free(connection.tls);
  close(connection.descriptor);
  return NULL;
}

static int listener_open(int *port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("server");
    exit(2);
  }
  *port = ntohs(address.sin_port);
  return listener;
}

static void accept_connection(int listener, void *(*serve)(void *)) {
  int connection = accept(listener, NULL, NULL);
  if (connection < 0) return;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  pthread_t thread;
  if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)connection) == 0) pthread_detach(thread);
}

struct server_ports server_start(const char *authority) {
  struct server_ports ports;
  int plain = listener_open(&ports.plain), secure = listener_open(&ports.secure);
  if (!tls_init() || !tls_write_authority(authority) ||
      (tls_context = tls_context_new(TLS_LEAF_GOOD)) == NULL) {
    fprintf(stderr, "server: no TLS\n");
    exit(2);
  }
  if (fork() != 0) {
    close(plain);
    close(secure);
    return ports;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    struct pollfd ready[] = {{.fd = plain, .events = POLLIN}, {.fd = secure, .events = POLLIN}};
    if (poll(ready, 2, -1) <= 0) continue;
    if (ready[0].revents != 0) accept_connection(plain, serve_plainly);
    if (ready[1].revents != 0) accept_connection(secure, serve_securely);
  }
}

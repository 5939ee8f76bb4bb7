/* server.h: answers every request with the golden case that its path names: /DIALECT/CASE/whatever. */
#ifndef SERVER_H
#define SERVER_H

/* On the loopback. */
struct server_ports {
  int plain;
  int secure; /* with TLS */
};

/* Starts it in a process of its own, which ends with this one. The authority to trust is written to the path.
 */
struct server_ports server_start(const char *authority);

/* A name of the loopback that has to be resolved. */
#define SERVER_NAME "torture.test"

/* With this behind the case the first request of every connection is refused with status 503. */
#define SERVER_BUSY "/busy"

/* How many bytes of text the event has that /large/… answers with. */
#define LARGE_TEXT (12 << 20)

#endif

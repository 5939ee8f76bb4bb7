/* server.h: answers every request with the golden case that its path names: /DIALECT/CASE/whatever. */
#ifndef SERVER_H
#define SERVER_H

/* Starts it in a process of its own, which ends with this one; its port on the loopback. */
int server_start(void);

/* How many bytes of text the event has that /large/… answers with. */
#define LARGE_TEXT (12 << 20)

#endif

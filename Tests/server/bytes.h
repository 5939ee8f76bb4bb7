/* A growable run of bytes. Running out of memory ends the program: this is a test server. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>

struct bytes {
  char *data;
  size_t size;
  size_t capacity;
};

/* Makes room for `extra` more bytes and returns where they go; `size` is left for the caller to raise. */
char *bytes_reserve(struct bytes *bytes, size_t extra);
void bytes_append(struct bytes *bytes, const void *data, size_t size);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops `count` bytes from the front. An emptied buffer gives its memory back: idle connections stay small.
 */
void bytes_consume(struct bytes *bytes, size_t count);
void bytes_free(struct bytes *bytes);

/* malloc and friends that end the program when there is no memory. */
void *xrealloc(void *old, size_t size);
void *xcalloc(size_t count, size_t size);
char *xstrndup(const char *text, size_t size);

#endif

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory) {
  if (memory == NULL) {
    fputs("llm-test-server: out of memory\n", stderr);
    abort();
  }
  return memory;
}

void *xrealloc(void *old, size_t size) {
  return checked(realloc(old, size > 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size) {
  return checked(calloc(count, size));
}

char *xstrndup(const char *text, size_t size) {
  char *copy = xrealloc(NULL, size + 1);
  memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}

char *bytes_reserve(struct bytes *bytes, size_t extra) {
  size_t needed = bytes->size + extra;
  if (needed > bytes->capacity) {
    size_t doubled = bytes->capacity * 2;
    bytes->capacity = needed > doubled ? needed : doubled;
    bytes->data = xrealloc(bytes->data, bytes->capacity);
  }
  return bytes->data + bytes->size;
}

void bytes_append(struct bytes *bytes, const void *data, size_t size) {
  if (size == 0) return;
  memcpy(bytes_reserve(bytes, size), data, size);
  bytes->size += size;
}

void bytes_text(struct bytes *bytes, const char *text) {
  bytes_append(bytes, text, strlen(text));
}

void bytes_format(struct bytes *bytes, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (size > 0) {
    vsnprintf(bytes_reserve(bytes, (size_t)size + 1), (size_t)size + 1, format, again);
    bytes->size += (size_t)size;
  }
  va_end(again);
}

void bytes_consume(struct bytes *bytes, size_t count) {
  bytes->size -= count;
  if (bytes->size == 0) {
    bytes_free(bytes);
  } else if (count > 0) {
    memmove(bytes->data, bytes->data + count, bytes->size);
  }
}

void bytes_free(struct bytes *bytes) {
  free(bytes->data);
  *bytes = (struct bytes){0};
}

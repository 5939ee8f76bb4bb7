/* Prints how many microseconds it takes to load one shared library into a fresh process. */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
    return 2;
  }
  double started = now_us();
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  double ended = now_us();
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  printf("load_us=%.1f\n", ended - started);
  return 0;
}

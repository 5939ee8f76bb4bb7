#define _GNU_SOURCE
#include "faults.h"
#include "server.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Input, output and what else the system is asked for, defined anew: counted, and failing where it is to
 * fail. */

/* libc's own; looked up once, at the first use, when nothing fails yet. */
#define REAL(name)                                                                                           \
  (__extension__({                                                                                           \
    static __typeof__(&name) function;                                                                       \
    if (function == NULL) function = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                             \
    function;                                                                                                \
  }))

static int failed(int error) {
  errno = error;
  return -1;
}

/* What an operation that answers with 0 comes to: itself, unless it fails. */
#define UNLESS_FAILS(operation, call)                                                                        \
  (__extension__({                                                                                           \
    int error = fault_of(operation);                                                                         \
    error != 0 ? failed(error) : (call);                                                                     \
  }))

/* Of an operation on so many bytes: 1 to go on, with fewer perhaps; else its result. */
static int interfere(enum operation operation, size_t *size) {
  int error = fault_of(operation);
  if (error == FAULT_END) return 0;
  if (error == FAULT_SHORT && *size > 1) *size = 1;
  return error == 0 || error == FAULT_SHORT ? 1 : failed(error);
}

/* What a read or a write of a descriptor is, of these for the network and for a file; -1 for what does not
 * fail. A socket within the machine is one by which libcurl wakes itself. */
static int kind_of(int descriptor, enum operation network, enum operation file) {
  struct stat status;
  if (REAL(fstat)(descriptor, &status) != 0) return -1;
  if (S_ISREG(status.st_mode)) return (int)file;
  if (!S_ISSOCK(status.st_mode)) return -1;
  int domain = AF_INET;
  socklen_t size = sizeof domain;
  REAL(getsockopt)(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain == AF_UNIX ? OPERATION_WAKE : (int)network;
}

/* The same as interfere, for what the descriptor is. */
static int interfere_with(int descriptor, enum operation network, enum operation file, size_t *size) {
  int operation = kind_of(descriptor, network, file);
  return operation < 0 ? 1 : interfere((enum operation)operation, size);
}

/* -- The network ---------------------------------------------------------------------------------------- */

/* libcurl knows by itself where localhost is, so that a name is needed that it asks for; here it is told. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
  int error = fault_of(OPERATION_RESOLVE);
  if (error != 0) return error;
  if (name != NULL && strcmp(name, SERVER_NAME) == 0) name = "127.0.0.1";
  return REAL(getaddrinfo)(name, service, hints, out);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                   void *argument) {
  int error = fault_of(OPERATION_THREAD);
  return error != 0 ? error : REAL(pthread_create)(thread, attributes, body, argument);
}

int socket(int domain, int type, int protocol) {
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(socket)(domain, type, protocol));
}

int socketpair(int domain, int type, int protocol, int ends[2]) {
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(socketpair)(domain, type, protocol, ends));
}

int pipe(int ends[2]) {
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(pipe)(ends));
}

int pipe2(int ends[2], int flags) {
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(pipe2)(ends, flags));
}

int eventfd(unsigned count, int flags) {
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(eventfd)(count, flags));
}

int connect(int descriptor, const struct sockaddr *address, socklen_t size) {
  return UNLESS_FAILS(OPERATION_CONNECT, REAL(connect)(descriptor, address, size));
}

int getsockopt(int descriptor, int level, int name, void *value, socklen_t *size) {
  int code = REAL(getsockopt)(descriptor, level, name, value, size);
  if (level != SOL_SOCKET || name != SO_ERROR) return code;
  int error = fault_of(OPERATION_CONNECTED);
  if (error != 0) *(int *)value = error;
  return code;
}

int setsockopt(int descriptor, int level, int name, const void *value, socklen_t size) {
  return UNLESS_FAILS(OPERATION_SOCKET_OPTION, REAL(setsockopt)(descriptor, level, name, value, size));
}

int getsockname(int descriptor, struct sockaddr *address, socklen_t *size) {
  return UNLESS_FAILS(OPERATION_SOCKET_OPTION, REAL(getsockname)(descriptor, address, size));
}

int getpeername(int descriptor, struct sockaddr *address, socklen_t *size) {
  return UNLESS_FAILS(OPERATION_SOCKET_OPTION, REAL(getpeername)(descriptor, address, size));
}

ssize_t send(int descriptor, const void *bytes, size_t size, int flags) {
  int result = interfere_with(descriptor, OPERATION_SEND, OPERATION_FILE_WRITE, &size);
  return result != 1 ? result : REAL(send)(descriptor, bytes, size, flags);
}

ssize_t recv(int descriptor, void *bytes, size_t size, int flags) {
  int result = interfere_with(descriptor, OPERATION_RECEIVE, OPERATION_FILE_READ, &size);
  return result != 1 ? result : REAL(recv)(descriptor, bytes, size, flags);
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout) {
  return UNLESS_FAILS(OPERATION_POLL, REAL(poll)(descriptors, count, timeout));
}

/* What libcurl does with a TLS session that the server offers. Where it lacks memory for that, libcurl 7.88
 * frees the host's name twice (Curl_ssl_addsessionid); so nothing fails in it. */
static int (*keep_session)(SSL *tls, SSL_SESSION *session);

static int keep_session_undisturbed(SSL *tls, SSL_SESSION *session) {
  faults_exempt(true);
  int result = keep_session(tls, session);
  faults_exempt(false);
  return result;
}

void SSL_CTX_sess_set_new_cb(SSL_CTX *context, int (*callback)(SSL *tls, SSL_SESSION *session)) {
  keep_session = callback;
  REAL(SSL_CTX_sess_set_new_cb)(context, callback == NULL ? NULL : keep_session_undisturbed);
}

/* -- Descriptors ---------------------------------------------------------------------------------------- */

ssize_t read(int descriptor, void *bytes, size_t size) {
  int result = interfere_with(descriptor, OPERATION_RECEIVE, OPERATION_FILE_READ, &size);
  return result != 1 ? result : REAL(read)(descriptor, bytes, size);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  int result = interfere_with(descriptor, OPERATION_SEND, OPERATION_FILE_WRITE, &size);
  return result != 1 ? result : REAL(write)(descriptor, bytes, size);
}

int close(int descriptor) {
  int error = fault_of(OPERATION_CLOSE);
  int code = REAL(close)(descriptor);
  return error != 0 ? failed(error) : code;
}

/* -- Files ---------------------------------------------------------------------------------------------- */

int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  return UNLESS_FAILS(OPERATION_DESCRIPTOR, REAL(open)(path, flags, mode));
}

int fcntl(int descriptor, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  int error = 0;
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
    error = fault_of(OPERATION_DESCRIPTOR);
  else if (command == F_SETLK || command == F_OFD_SETLK)
    error = fault_of(OPERATION_LOCK);
  return error != 0 ? failed(error) : REAL(fcntl)(descriptor, command, argument);
}

static void *nothing(int error) {
  errno = error;
  return NULL;
}

FILE *fopen(const char *path, const char *mode) {
  int error = fault_of(OPERATION_DESCRIPTOR);
  return error != 0 ? nothing(error) : REAL(fopen)(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  return fopen(path, mode);
}

DIR *opendir(const char *path) {
  int error = fault_of(OPERATION_DESCRIPTOR);
  return error != 0 ? nothing(error) : REAL(opendir)(path);
}

struct dirent *readdir(DIR *folder) {
  int error = fault_of(OPERATION_LIST);
  return error != 0 ? nothing(error) : REAL(readdir)(folder);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t place) {
  int result = interfere(OPERATION_FILE_READ, &size);
  return result != 1 ? result : REAL(pread)(descriptor, bytes, size, place);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t place) {
  int result = interfere(OPERATION_FILE_WRITE, &size);
  return result != 1 ? result : REAL(pwrite)(descriptor, bytes, size, place);
}

int mkdir(const char *path, mode_t mode) {
  return UNLESS_FAILS(OPERATION_PATH, REAL(mkdir)(path, mode));
}

int rename(const char *from, const char *to) {
  return UNLESS_FAILS(OPERATION_PATH, REAL(rename)(from, to));
}

int unlink(const char *path) {
  return UNLESS_FAILS(OPERATION_PATH, REAL(unlink)(path));
}

int ftruncate(int descriptor, off_t size) {
  return UNLESS_FAILS(OPERATION_PATH, REAL(ftruncate)(descriptor, size));
}

int stat(const char *path, struct stat *status) {
  return UNLESS_FAILS(OPERATION_STATUS, REAL(stat)(path, status));
}

int lstat(const char *path, struct stat *status) {
  return UNLESS_FAILS(OPERATION_STATUS, REAL(lstat)(path, status));
}

int fstat(int descriptor, struct stat *status) {
  return UNLESS_FAILS(OPERATION_STATUS, REAL(fstat)(descriptor, status));
}

/* -- Time and chance ------------------------------------------------------------------------------------ */

enum { HOUR = 3600 };

int clock_gettime(clockid_t clock, struct timespec *time) {
  int code = REAL(clock_gettime)(clock, time);
  if (fault_of(OPERATION_CLOCK) != 0) time->tv_sec += HOUR;
  return code;
}

/* Whoever waits for a condition looks whether it is there. */
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *end) {
  struct timespec real_end = *end;
  if (fault_lasts(OPERATION_CLOCK)) real_end.tv_sec -= HOUR;
  return fault_of(OPERATION_TIMER) != 0 ? 0 : REAL(pthread_cond_timedwait)(condition, mutex, &real_end);
}

ssize_t getrandom(void *bytes, size_t size, unsigned flags) {
  int error = fault_of(OPERATION_RANDOM);
  return error != 0 ? failed(error) : REAL(getrandom)(bytes, size, flags);
}

/* What the Swift modules need of C: libcurl, libjansson and libc, with the variadic curl calls given types.
 * Nothing but declarations and inline wrappers lives here. */
#ifndef LLM_CSYSTEM_H
#define LLM_CSYSTEM_H

#include <curl/curl.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <link.h>
#endif
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Macros and variadic functions of libc, for Swift. */
static inline int llm_errno(void) {
  return errno;
}
/* How large a file is, and when it was last written or touched; 0 where there is none. */
static inline int64_t llm_file_size(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}
/* What stands at a path: 0 nothing, 1 a file, 2 a directory, 3 something else. */
static inline int llm_file_kind(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return 0;
  return S_ISREG(status.st_mode) ? 1 : S_ISDIR(status.st_mode) ? 2 : 3;
}
static inline int64_t llm_file_time_ns(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return 0;
  return (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}
/* The descriptor, or in its place one above those of the standard streams: a program that has closed one of
 * these, and writes there all the same, must not hit what is ours. */
static inline int llm_above_standard(int descriptor) {
  if (descriptor < 0 || descriptor > STDERR_FILENO) return descriptor;
  int higher = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(descriptor);
  return higher;
}
/* The next entry of a directory; NULL at its end, with errno 0, and where it cannot be read. */
static inline struct dirent *llm_next_entry(DIR *directory) {
  errno = 0;
  return readdir(directory);
}
static inline int llm_path_is_free(const char *path) {
  struct stat status;
  return lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}
static inline int llm_create_file(const char *path, mode_t mode) {
  return llm_above_standard(open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
}

#ifdef __GLIBC__
/* glibc's own, which its headers show only under _GNU_SOURCE. That would make this module's types other than
 * those of the Swift toolchain's module of glibc, and no program could have both. */
struct llm_symbol_place {
  const char *file;
  void *base;
  const char *name;
  void *address;
};
extern int dladdr1(const void *address, struct llm_symbol_place *place, void **entry, int wanted);
enum { LLM_WANTS_ENTRY = 1 };
#endif

/* Whether an exported symbol is code: to call data would end the process. */
static inline bool llm_is_function(const void *symbol) {
#ifdef __GLIBC__
  struct llm_symbol_place place;
  const ElfW(Sym) *entry = NULL;
  if (dladdr1(symbol, &place, (void **)&entry, LLM_WANTS_ENTRY) == 0 || entry == NULL) return true;
  /* A resolver's choice has an entry of another's, or none. */
  return place.address != symbol || (entry->st_info & 0xf) == STT_FUNC;
#else
  return symbol != NULL;
#endif
}

/* The number that is written so, without a NUL behind it, as jansson reads it: strtod wants the decimal point
 * of the locale. 0, ERANGE where it is beyond what a double can be, ENOMEM. */
static inline int llm_read_real(const void *text, size_t size, double *value) {
  char few[128];
  char *copy = size < sizeof few ? few : (char *)malloc(size + 1);
  if (copy == NULL) return ENOMEM;
  memcpy(copy, text, size);
  copy[size] = 0;
  char *point = strchr(copy, '.');
  if (point != NULL) *point = *localeconv()->decimal_point;
  errno = 0;
  *value = strtod(copy, NULL);
  if (copy != few) free(copy);
  return errno == ERANGE && (*value == HUGE_VAL || *value == -HUGE_VAL) ? ERANGE : 0;
}

/* libjansson 2.14 counts a key's bytes; before that a key ended at its first NUL. What is newer is asked for
 * weakly, so that the library loads with either (Ubuntu 22.04 has 2.13), and keys end at a NUL where it is
 * not there. */
#if JANSSON_VERSION_HEX < 0x020e00
int json_object_setn_new_nocheck(json_t *object, const char *key, size_t len, json_t *value);
size_t json_object_iter_key_len(void *place);
#endif
#pragma weak json_object_setn_new_nocheck
#pragma weak json_object_iter_key_len

/* Takes the value, also where it fails. */
static inline int llm_json_set_new(json_t *object, const char *key, size_t len, json_t *value) {
  if (json_object_setn_new_nocheck) return json_object_setn_new_nocheck(object, key, len, value);
  char *name = strndup(key, len);
  int status = json_object_set_new_nocheck(object, name, value); /* refuses NULL, and frees the value */
  free(name);
  return status;
}
static inline size_t llm_json_key_length(void *place) {
  return json_object_iter_key_len ? json_object_iter_key_len(place) : strlen(json_object_iter_key(place));
}

typedef size_t (*llm_curl_data_fn)(char *bytes, size_t size, size_t count, void *user_data);

static inline CURLcode llm_easy_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode llm_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode llm_easy_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode llm_easy_set_data_callback(CURL *easy, CURLoption option, llm_curl_data_fn callback) {
  return curl_easy_setopt(easy, option, callback);
}
typedef CURLcode (*llm_curl_tls_fn)(CURL *easy, void *tls_context, void *user_data);
static inline CURLcode llm_easy_set_tls_callback(CURL *easy, llm_curl_tls_fn callback) {
  return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, callback);
}
// As curl opens them, but so that a program that the process starts does not inherit the connection.
static inline curl_socket_t llm_open_socket(void *user_data, curlsocktype purpose,
                                            struct curl_sockaddr *address) {
  (void)user_data;
  (void)purpose;
  return llm_above_standard(socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol));
}
/* The number that the next descriptor gets, unless another thread is quicker. */
static inline int llm_next_descriptor(void) {
  int next = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (next < 0) next = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (next >= 0) close(next);
  return next;
}
/* Whether it is a socket within the machine that programs which the process starts inherit. */
static inline bool llm_is_inherited_local_socket(int descriptor) {
  int domain = 0;
  socklen_t size = sizeof domain;
  int flags = fcntl(descriptor, F_GETFD);
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) return false;
  return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}
static inline void llm_close_on_exec(int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags >= 0) fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}
/* Bytes that wait to be read from a socket, and those sent on it that its other end has not read. */
static inline int llm_unread_bytes(int descriptor) {
  int count = 0;
  return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}
static inline int llm_undelivered_bytes(int descriptor) {
  int count = 0;
  return ioctl(descriptor, TIOCOUTQ, &count) == 0 ? count : -1;
}
/* Whether no descriptor is left, so that nothing can be opened. */
static inline bool llm_lacks_descriptors(void) {
  int probe = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (probe < 0) return errno == EMFILE || errno == ENFILE;
  close(probe);
  return false;
}
/* Tells whether two looks at a descriptor saw the same thing; 0 for one that is closed. */
static inline uint64_t llm_descriptor_identity(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return 0;
  return ((uint64_t)status.st_dev << 40 ^ (uint64_t)status.st_ino) | 1;
}
static inline bool llm_is_socket(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}
static inline CURLcode llm_easy_close_on_exec(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, llm_open_socket);
}
/* Called each time before a request is sent, on a connection that is ready for it. A libcurl that does not
 * know the option never calls. */
typedef int (*llm_curl_request_fn)(void *user_data, char *address, char *own_address, int port, int own_port);
static inline bool llm_easy_set_request_callback(CURL *easy, llm_curl_request_fn callback,
                                                 const void *user_data) {
#if LIBCURL_VERSION_NUM >= 0x075000
  return curl_easy_setopt(easy, CURLOPT_PREREQDATA, user_data) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback) == CURLE_OK;
#else
  (void)easy;
  (void)callback;
  (void)user_data;
  return false;
#endif
}
static inline CURLcode llm_easy_allow_http_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK) return CURLE_OK;
#endif
  return curl_easy_setopt(
      easy, (CURLoption)181 /* CURLOPT_PROTOCOLS, under its number since its name is deprecated */,
      (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}
/* Lets a transfer that is closed while a name is looked up go at once, and not wait for the resolver: the
 * thread of getaddrinfo then cleans up after itself. A libcurl that does not know the option waits. */
static inline void llm_easy_abandon_resolver(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
  (void)easy;
#endif
}
static inline CURLcode llm_easy_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode llm_easy_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}

/* A condition variable whose time-outs do not follow the wall clock when somebody sets it. */
static inline void llm_condition_init_monotonic(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* libcurl's own set-up, once; of a libcurl older than 7.84 it would not be safe from two threads. */
static inline void llm_curl_set_up(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}
static inline void llm_curl_set_up_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, llm_curl_set_up);
}
/* Of the libcurl that runs, not of the one that was compiled against. */
static inline unsigned llm_curl_version_number(void) {
  return curl_version_info(CURLVERSION_NOW)->version_num;
}

static inline bool llm_curl_inflates(void) {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ) != 0;
}

typedef void (*llm_curl_lock_fn)(CURL *easy, curl_lock_data data, curl_lock_access access, void *user_data);
typedef void (*llm_curl_unlock_fn)(CURL *easy, curl_lock_data data, void *user_data);

static inline CURLSHcode llm_share_set_long(CURLSH *share, CURLSHoption option, long value) {
  return curl_share_setopt(share, option, value);
}
static inline CURLSHcode llm_share_set_locking(CURLSH *share, llm_curl_lock_fn lock,
                                               llm_curl_unlock_fn unlock, void *user_data) {
  CURLSHcode code = curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock);
  if (code == CURLSHE_OK) code = curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock);
  if (code == CURLSHE_OK) code = curl_share_setopt(share, CURLSHOPT_USERDATA, user_data);
  return code;
}

/* A regular file that processes share, opened without following a link or waiting for anybody: -1 with EINVAL
 * where it is none. */
static inline int llm_file_open(const char *path) {
  struct stat status;
  int file = llm_above_standard(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (file < 0 || (fstat(file, &status) == 0 && S_ISREG(status.st_mode))) return file;
  close(file);
  errno = EINVAL;
  return -1;
}
/* Opens a regular file to be read, as above; links are followed. */
static inline int llm_file_open_to_read(const char *path) {
  struct stat status;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 || (fstat(file, &status) == 0 && S_ISREG(status.st_mode))) return file;
  close(file);
  errno = EINVAL;
  return -1;
}
#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#endif
/* The lock of the open file; where a kernel has none, that of the process. */
static inline int llm_file_set_lock(int file, short type) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  if (fcntl(file, F_OFD_SETLK, &lock) == 0) return 0;
  return errno == EINVAL ? fcntl(file, F_SETLK, &lock) : -1;
}
static inline int llm_file_lock(int file) {
  return llm_file_set_lock(file, F_WRLCK);
}
static inline void llm_file_unlock(int file) {
  llm_file_set_lock(file, F_UNLCK);
}
static inline const char *llm_last_error(void) {
  return strerror(errno);
}
/* -1 where it cannot be told. */
static inline int64_t llm_file_size_of(int file) {
  struct stat status;
  return fstat(file, &status) == 0 ? (int64_t)status.st_size : -1;
}
/* Whether the open file is the one that is at the path. */
static inline int llm_file_is_at(int file, const char *path) {
  struct stat opened, found;
  return fstat(file, &opened) == 0 && lstat(path, &found) == 0 && opened.st_dev == found.st_dev &&
         opened.st_ino == found.st_ino;
}

/* The message of an easy handle that finished: its union, read for Swift. */
static inline CURLcode llm_message_result(const CURLMsg *message) {
  return message->data.result;
}

#endif

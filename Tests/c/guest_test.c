/* A good guest: calls leave the process as they found it. (That loading does so, too, is Tests/install's to
 * show, where the library can be loaded late.) */
#define _GNU_SOURCE
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int entries(const char *folder) {
  DIR *directory = opendir(folder);
  int count = 0;
  while (directory && readdir(directory)) count++;
  if (directory) closedir(directory);
  return count;
}

struct process {
  int descriptors, threads;
  void (*handlers[32])(int);
  sigset_t mask;
};

static struct process observe(void) {
  struct process process;
  memset(&process, 0, sizeof process);
  process.descriptors = entries("/proc/self/fd");
  process.threads = entries("/proc/self/task");
  for (int number = 1; number < 32; number++) {
    struct sigaction action;
    sigaction(number, NULL, &action);
    process.handlers[number] = action.sa_handler;
  }
  pthread_sigmask(SIG_BLOCK, NULL, &process.mask);
  return process;
}

static void compare(const struct process *before) {
  struct process now = observe();
  CHECK_INT(now.threads, before->threads);
  for (int number = 1; number < 32; number++) CHECK(now.handlers[number] == before->handlers[number]);
  CHECK(memcmp(&now.mask, &before->mask, sizeof now.mask) == 0);
}

static int count_threads(const llm_event *event, void *user_data) {
  (void)event;
  CHECK_INT(entries("/proc/self/task"), ((struct process *)user_data)->threads);
  return 0;
}

/* Descriptors that a program which is started would inherit. */
static int inherited(void) {
  int count = 0;
  for (int descriptor = 0; descriptor < 256; descriptor++) {
    int flags = fcntl(descriptor, F_GETFD);
    if (flags >= 0 && !(flags & FD_CLOEXEC)) count++;
  }
  return count;
}

static void calls_leave_no_trace(void) {
  static const char *const scripts[] = {"ok-stream",     "status-500", "stream-reset",
                                        "reset-at-once", "garbage",    "never-after-text"};
  struct process before = observe();
  int inherited_before = inherited();
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    llm_provider *provider = NULL;
    char *json = NULL;
    about(scripts[index]);
    char *config = format(
        "{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"k\",\"model\":\"m\",\"retry\":{\"attempts\":1},"
        "\"timeout\":{\"idle_ms\":300},\"base_url\":\"http://localhost:%d/%s/v1\"}",
        server_port(), scripts[index]);
    CHECK_INT(llm_provider_new(config, &provider, NULL), LLM_OK);
    llm_stream(provider, hello, count_threads, &before, &json);
    llm_free(json);
    CHECK_INT(inherited(), inherited_before);
    llm_provider_free(provider);
    compare(&before);
    CHECK_INT(entries("/proc/self/fd"), before.descriptors);
  }
}

/* A peer that goes away while it is being written to is an error code, and no SIGPIPE. */
static void broken_pipe_is_no_signal(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &action, &before);
  size_t length = 4000000;
  char *request = keep_text(malloc(length + 32));
  char *end = request + sprintf(request, "{\"prompt\":\"");
  memset(end, 'x', length);
  strcpy(end + length, "\"}");
  for (int round = 0; round < 5; round++) {
    CHECK(chat(service("continue-refused", ""), request).status < 0);
    CHECK(chat(service("reset-at-once", ""), request).status < 0);
  }
  sigaction(SIGPIPE, &before, NULL);
}

static void ignore_signal(int number) {
  (void)number;
}

static void *interrupt(void *argument) {
  pthread_t *thread = argument;
  for (int round = 0; round < 20; round++) {
    usleep(10000);
    pthread_kill(*thread, SIGUSR1);
  }
  return NULL;
}

/* Signals interrupt nothing. */
static void interrupted_calls_go_on(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = ignore_signal;
  sigaction(SIGUSR1, &action, &before);
  pthread_t self = pthread_self(), thread;
  pthread_create(&thread, NULL, interrupt, &self);
  struct answer answer = chat(service("slow-tokens", ""), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  pthread_join(thread, NULL);
  sigaction(SIGUSR1, &before, NULL);
}

/* Nothing is printed. */
static void silence(void) {
  FILE *printed = tmpfile();
  int file = fileno(printed), out = dup(1), err = dup(2);
  fflush(stdout);
  dup2(file, 1);
  dup2(file, 2);
  struct answer good = chat(service("__echo", ""), hello), bad = chat(service("garbage", ""), hello),
                refused = chat(mock(""), "{");
  fflush(stdout);
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  CHECK_INT(lseek(file, 0, SEEK_END), 0);
  fclose(printed);
  CHECK_INT(good.status, LLM_OK);
  CHECK_INT(bad.status, LLM_E_PROTOCOL);
  CHECK_INT(refused.status, LLM_E_INVALID_REQUEST);
}

/* A thread with a small stack, as other languages start them. */
static void *chat_on_little(void *provider) {
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  struct record record = {0};
  answer = stream(provider, hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  return NULL;
}

static void small_stacks(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 128 << 10);
  pthread_create(&thread, &attributes, chat_on_little, service("__echo", ""));
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attributes);
}

/* Where no descriptor is left, the error says so. */
static void without_descriptors(void) {
  struct rlimit before, none;
  llm_provider *provider = service("__echo", "");
  getrlimit(RLIMIT_NOFILE, &before);
  none = before;
  none.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &none);
  struct answer answer = chat(provider, hello);
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK_STATUS(answer.status, LLM_E_CONNECTION, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "no file descriptor is left");
  answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
}

/* A program that has closed its standard streams and wants log lines there: they hit no connection. */
static void closed_standard_streams(void) {
  const char *config = format("{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"k\",\"model\":\"m\","
                              "\"base_url\":\"http://127.0.0.1:%d/__echo/v1\",\"retry\":{\"attempts\":1}}",
                              server_port());
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    llm_provider *provider = NULL;
    setenv("LLM_LOG", "debug", 1);
    for (int descriptor = 0; descriptor <= 2; descriptor++) close(descriptor);
    llm_set_log(NULL, 0, NULL);
    int bad = llm_provider_new(config, &provider, NULL) != LLM_OK;
    for (int round = 0; round < 3; round++) bad |= llm_chat(provider, hello, NULL) != LLM_OK;
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
      struct sockaddr_storage peer;
      socklen_t size = sizeof peer;
      if (getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0 && peer.ss_family == AF_INET)
        bad |= 2;
    }
    _exit(bad);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK_INT(status, 0);
}

const struct test_case guest_cases[] = {
    CASE(calls_leave_no_trace), CASE(broken_pipe_is_no_signal), CASE(interrupted_calls_go_on), CASE(silence),
    CASE(small_stacks),         CASE(without_descriptors),      CASE(closed_standard_streams), {0},
};

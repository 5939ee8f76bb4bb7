/* guest LIBRARY: loading the library, and calls that succeed and fail, leave the process as it was: signal
 * dispositions, signal mask, threads, open descriptors, environment. Prints what has changed. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <llm_provider.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { signal_count = 65 };

/* Linux's SA_RESTORER, which libc sets whenever it installs an action, the same one again included. */
enum { restorer_flag = 0x04000000 };

struct process {
  struct sigaction actions[signal_count];
  sigset_t mask;
  size_t threads, descriptors, variables;
};

static size_t entries(const char *folder) {
  DIR *directory = opendir(folder);
  size_t count = 0;
  while (directory && readdir(directory)) count++;
  if (directory) closedir(directory);
  return count;
}

static void observe(struct process *process) {
  memset(process, 0, sizeof *process);
  for (int number = 1; number < signal_count; number++) sigaction(number, NULL, &process->actions[number]);
  sigprocmask(SIG_BLOCK, NULL, &process->mask);
  process->threads = entries("/proc/self/task");
  process->descriptors = entries("/proc/self/fd");
  while (environ[process->variables]) process->variables++;
}

static int changes;

static void expect_same(const char *when, const char *what, int is_same) {
  if (is_same) return;
  printf("%s: %s changed\n", when, what);
  changes++;
}

static int is_same_action(const struct sigaction *a, const struct sigaction *b) {
  return a->sa_handler == b->sa_handler && ((a->sa_flags ^ b->sa_flags) & ~restorer_flag) == 0;
}

static void compare(const char *when, const struct process *before) {
  struct process now;
  observe(&now);
  for (int number = 1; number < signal_count; number++)
    expect_same(when, "a signal's disposition",
                is_same_action(&before->actions[number], &now.actions[number]));
  expect_same(when, "the signal mask", memcmp(&before->mask, &now.mask, sizeof now.mask) == 0);
  expect_same(when, "the number of threads", before->threads == now.threads);
  expect_same(when, "the number of descriptors", before->descriptors == now.descriptors);
  expect_same(when, "the environment", before->variables == now.variables);
}

/* The functions under test, looked up in the loaded library. */
static struct {
  llm_status (*provider_new)(const char *, llm_provider **, char **);
  llm_status (*chat)(llm_provider *, const char *, char **);
  void (*provider_free)(llm_provider *);
  void (*release)(void *);
} llm;

static void look_up(void *library, const char *name, void *function) {
  void *symbol = dlsym(library, name);
  if (!symbol) {
    printf("%s is not exported\n", name);
    exit(1);
  }
  memcpy(function, &symbol, sizeof symbol);
}

/* A call, and what it must end with. */
static void call(const char *config, llm_status wanted) {
  llm_provider *provider = NULL;
  char *json = NULL;
  llm_status status = llm.provider_new(config, &provider, &json);
  if (status >= 0) status = llm.chat(provider, "{\"prompt\":\"Hello\"}", &json);
  if (status != wanted) {
    printf("%s: status %d: %s\n", config, (int)status, json ? json : "");
    changes++;
  }
  llm.release(json);
  llm.provider_free(provider);
}

int main(int argc, char **argv) {
  struct process before;
  observe(&before);

  void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) {
    printf("%s\n", argc == 2 ? dlerror() : "usage: guest LIBRARY");
    return 1;
  }
  compare("after loading", &before);

  look_up(library, "llm_provider_new", &llm.provider_new);
  look_up(library, "llm_chat", &llm.chat);
  look_up(library, "llm_provider_free", &llm.provider_free);
  look_up(library, "llm_free", &llm.release);
  call("{\"type\":\"mock\"}", LLM_OK);
  compare("after a call", &before);

  /* Port 1 of this machine: nobody listens there. */
  call("{\"type\":\"openai\",\"base_url\":\"http://127.0.0.1:1/v1\",\"api_key\":\"k\",\"model\":\"m\"}",
       LLM_E_CONNECTION);
  compare("after a call that failed", &before);
  return changes != 0;
}

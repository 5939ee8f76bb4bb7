/* torture [--points N] [--only SCENARIO] [--fault NAME] [--at NUMBER lasting|once]: fails every operation of
 * every scenario in turn, each in a process of its own, and looks at what comes of it: a typed error or the
 * answer that comes undisturbed, one terminal event, nothing leaked, no descriptor left, and a provider that
 * serves the next call. With --at one point only, and what came of it in full. */
#define _GNU_SOURCE
#include "faults.h"
#include "scenarios.h"
#include "server.h"

#include <dirent.h>
#include <jansson.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a point ended. What comes after OUTCOME_OTHER_ERROR is a violation. */
enum {
  OUTCOME_ANSWER,
  OUTCOME_NO_MEMORY,
  OUTCOME_OTHER_ERROR,
  OUTCOME_NEEDLESS_ERROR,
  OUTCOME_WRONG_ANSWER,
  OUTCOME_WRONG_DOCUMENT,
  OUTCOME_WRONG_END,
  OUTCOME_LEAK,
  OUTCOME_DESCRIPTOR,
  OUTCOME_UNUSABLE,
  OUTCOME_CRASH,
  OUTCOME_HANG,
  OUTCOMES
};
static const char *const outcome_names[OUTCOMES] = {
    "right answer", "no_memory", "other error",     "NEEDLESS ERROR",      "WRONG ANSWER", "WRONG DOCUMENT",
    "WRONG END",    "LEAK",      "DESCRIPTOR LEFT", "UNUSABLE AFTERWARDS", "CRASH",        "ENDLESS"};

static char *undisturbed; /* what the scenario's call answers */
static struct outcome undisturbed_outcome;
static bool is_verbose;

/* -- Documents ------------------------------------------------------------------------------------------ */

/* A document without what differs from run to run; freed with free. */
static char *stable(const char *text) {
  json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
  if (json == NULL) return NULL;
  json_object_del(json, "metadata");
  json_object_del(json, "created");
  json_object_del(json, "id");
  json_object_del(json, "cached");
  char *out = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);
  json_decref(json);
  return out;
}

static bool is_error_document(const char *text, llm_status status) {
  json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
  const char *code = json_string_value(json_object_get(json_object_get(json, "error"), "code"));
  bool is_right = code != NULL && strcmp(code, llm_status_name(status)) == 0;
  json_decref(json);
  return is_right;
}

/* -- One run -------------------------------------------------------------------------------------------- */

static int judge(const struct scenario *scenario, const struct outcome *outcome) {
  bool has_events =
      scenario->kind == KIND_STREAM || scenario->kind == KIND_PULL || scenario->kind == KIND_DECODE;
  if (outcome->terminals > 1) return OUTCOME_WRONG_END;
  if (outcome->status < 0) {
    /* A result that is asked for after its call's end needs memory of its own, and can be asked for again. */
    bool is_asked_for = scenario->kind == KIND_PULL || scenario->kind == KIND_DECODE;
    bool is_well_ended =
        outcome->last_type == LLM_EVENT_ERROR || (is_asked_for && outcome->status == LLM_E_NO_MEMORY);
    if (outcome->terminals == 1 && !is_well_ended) return OUTCOME_WRONG_END;
    if (outcome->terminals == 0 && outcome->events > 0 &&
        !(is_asked_for && outcome->status == LLM_E_NO_MEMORY))
      return OUTCOME_WRONG_END;
    if (outcome->json == NULL)
      return outcome->status == LLM_E_NO_MEMORY ? OUTCOME_NO_MEMORY : OUTCOME_WRONG_DOCUMENT;
    if (!is_error_document(outcome->json, outcome->status)) return OUTCOME_WRONG_DOCUMENT;
    return outcome->status == LLM_E_NO_MEMORY ? OUTCOME_NO_MEMORY : OUTCOME_OTHER_ERROR;
  }
  if (has_events && (outcome->terminals != 1 || outcome->last_type != LLM_EVENT_FINISH))
    return OUTCOME_WRONG_END;
  char *own = stable(outcome->json);
  bool is_right = own != NULL && undisturbed != NULL && strcmp(own, undisturbed) == 0 &&
                  outcome->text_size == undisturbed_outcome.text_size &&
                  outcome->text_hash == undisturbed_outcome.text_hash;
  if (!is_right && is_verbose) fprintf(stderr, "# %s\n# %s\n", own ? own : outcome->json, undisturbed);
  free(own);
  return is_right ? OUTCOME_ANSWER : OUTCOME_WRONG_ANSWER;
}

/* Whether the call succeeds now that nothing fails. */
static bool is_usable(const struct scenario *scenario, llm_provider *provider) {
  struct outcome outcome = {0};
  llm_provider *own = provider != NULL ? NULL : scenario_provider(&outcome);
  bool is_right = false;
  if (provider != NULL || own != NULL) {
    scenario_call(scenario, provider != NULL ? provider : own, &outcome);
    is_right = judge(scenario, &outcome) == OUTCOME_ANSWER;
  }
  if (!is_right && is_verbose) fprintf(stderr, "# afterwards: %s\n", outcome.json);
  llm_free(outcome.json);
  llm_provider_free(own);
  return is_right;
}

struct point {
  const struct fault *fault; /* NULL: nothing fails */
  unsigned long number;
  bool is_lasting;
};

/* The scenario once, with the point's operation failing. */
static int run(const struct scenario *scenario, struct point point) {
  struct outcome outcome = {0};
  llm_provider *provider = scenario_set_up(scenario);
  faults_arm(point.fault, point.number, point.is_lasting);
  if (provider == NULL) provider = scenario_provider(&outcome);
  if (provider != NULL && scenario->kind != KIND_NEW) scenario_call(scenario, provider, &outcome);
  faults_disarm();

  int verdict = OUTCOME_ANSWER;
  if (provider == NULL || scenario->kind != KIND_NEW) verdict = judge(scenario, &outcome);
  if (provider != NULL && outcome.status == LLM_E_NO_MEMORY && scenario->kind == KIND_NEW)
    verdict = OUTCOME_WRONG_END;
  bool is_error = verdict == OUTCOME_NO_MEMORY || verdict == OUTCOME_OTHER_ERROR;
  if (is_error && point.fault != NULL && point.fault->is_harmless) verdict = OUTCOME_NEEDLESS_ERROR;
  if (is_verbose && point.fault != NULL) {
    fprintf(stderr, "# %lu of %lu operations, %s: %.400s\n", point.number,
            faults_counted(point.fault->operation), outcome_names[verdict],
            outcome.json ? outcome.json : "(no document)");
  }
  llm_free(outcome.json);
  if (verdict <= OUTCOME_OTHER_ERROR && !is_usable(scenario, provider)) verdict = OUTCOME_UNUSABLE;
  llm_provider_free(provider);
  return verdict;
}

static int entries(const char *path) {
  DIR *folder = opendir(path);
  int count = 0;
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

/* A thread that resolved a name for a call that did not wait for it has things of its own until it ends. */
static void wait_for_threads(void) {
  while (entries("/proc/self/task") > 3) usleep(1000);
}

enum { MOST_ROUNDS = 6 };

/* The same with what it leaves behind. What is made once in a process is no leak: it is not made again.
 * OpenSSL makes such things one by one, as it comes to need them. */
static int run_and_count(const struct scenario *scenario, struct point point) {
  int verdict = OUTCOME_ANSWER;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    int open_before = entries("/proc/self/fd");
    long live_before = faults_live();
    if (is_verbose && round == MOST_ROUNDS - 1) faults_trace();
    verdict = run(scenario, point);
    wait_for_threads();
    long left = faults_live() - live_before;
    if (verdict > OUTCOME_OTHER_ERROR) return verdict;
    if (entries("/proc/self/fd") > open_before)
      verdict = OUTCOME_DESCRIPTOR;
    else if (left > 0)
      verdict = OUTCOME_LEAK;
    else
      return verdict;
  }
  if (is_verbose) faults_print_live();
  return verdict;
}

/* -- A point in a process of its own -------------------------------------------------------------------- */

/* OpenSSL seeds its random numbers anew after a fork. Where it lacks memory for that it stays without, and
 * libcurl, which asks for them in vain (RAND_status), never speaks TLS again. */
static void seed(void) {
  unsigned char bytes[1];
  RAND_bytes(bytes, sizeof bytes);
  RAND_priv_bytes(bytes, sizeof bytes);
}

static int in_process(const struct scenario *scenario, struct point point, long bound) {
  pid_t child = fork();
  if (child == 0) {
    signal(SIGALRM, SIG_DFL);
    alarm(20);
    seed();
    if (bound > 0) {
      struct rlimit limit = {(rlim_t)bound, RLIM_INFINITY};
      setrlimit(RLIMIT_AS, &limit);
      struct outcome outcome = {0};
      llm_provider *provider = scenario_provider(&outcome);
      if (provider != NULL) scenario_call(scenario, provider, &outcome);
      /* The judge needs memory as well. */
      limit.rlim_cur = RLIM_INFINITY;
      setrlimit(RLIMIT_AS, &limit);
      _exit(outcome.status == LLM_E_NO_MEMORY && outcome.terminals <= 1 ? OUTCOME_NO_MEMORY
                                                                        : judge(scenario, &outcome));
    }
    _exit(run_and_count(scenario, point));
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? OUTCOME_HANG : OUTCOME_CRASH;
  return WEXITSTATUS(status);
}

static unsigned long most_points; /* of a scenario and a fault; 0 for all */
static const struct fault *only_fault;
static unsigned long violations;
static unsigned long points_of[OPERATIONS]; /* in all scenarios */

/* A scenario's points. */
struct tally {
  unsigned long points, of[OUTCOMES];
};

/* Counts a point; `what` says how to have it again. */
static void note(struct tally *tally, int verdict, const char *what) {
  tally->points++;
  tally->of[verdict]++;
  if (verdict <= OUTCOME_OTHER_ERROR) return;
  violations++;
  printf("# %s: %s\n", outcome_names[verdict], what);
}

static void report(const struct scenario *scenario, const struct tally *tally) {
  unsigned long bad = 0;
  for (int index = OUTCOME_OTHER_ERROR + 1; index < OUTCOMES; index++) bad += tally->of[index];
  printf("%s %s: %lu points", bad ? "not ok" : "ok", scenario->name, tally->points);
  for (int index = 0; index < OUTCOMES; index++) {
    if (tally->of[index] > 0) printf(", %lu %s", tally->of[index], outcome_names[index]);
  }
  printf("\n");
  fflush(stdout);
}

static void torture_point(const struct scenario *scenario, struct point point, struct tally *tally) {
  char what[256];
  snprintf(what, sizeof what, "--only '%s' --fault %s --at %lu %s", scenario->name, point.fault->name,
           point.number, point.is_lasting ? "lasting" : "once");
  points_of[point.fault->operation]++;
  note(tally, in_process(scenario, point, 0), what);
}

/* What libcurl (7.88) does not do right, and the library cannot help. */
static bool is_of_libcurl(const struct scenario *scenario, const struct fault *fault) {
  /* The addresses that were found are forgotten where the thread cannot tell of them. */
  return scenario->trait == NAMED && fault->operation == OPERATION_WAKE;
}

/* Each of the operations once and with all that follow it; of a few, one way or the other. */
static void torture_fault(const struct scenario *scenario, const struct fault *fault, unsigned long count,
                          struct tally *tally) {
  unsigned long stride = most_points > 0 && count > most_points ? (count + most_points - 1) / most_points : 1;
  unsigned long turn = (unsigned long)(scenario - scenarios);
  for (unsigned long number = 1; number <= count; number += stride, turn++) {
    int lengths = (int)fault->length;
    if (most_points > 0 && fault->length == EITHER) lengths = turn % 2 == 0 ? LASTING : ONCE;
    if (lengths & ONCE) torture_point(scenario, (struct point){fault, number, false}, tally);
    if (lengths & LASTING) torture_point(scenario, (struct point){fault, number, true}, tally);
  }
}

/* What the process has mapped now. */
static long address_space(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (fscanf(file, "%ld", &pages) != 1) pages = 0;
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

/* With an address space that is some megabytes larger than what there is. */
static void torture_bounds(const struct scenario *scenario, struct tally *tally) {
  long step = most_points > 0 ? 40 : 2;
  for (long megabytes = 1; megabytes < 160; megabytes += step) {
    char what[256];
    snprintf(what, sizeof what, "%s, with %ld megabytes", scenario->name, megabytes);
    note(tally, in_process(scenario, (struct point){0}, address_space() + (megabytes << 20)), what);
  }
}

/* Whether there is an undisturbed answer to compare with. */
static bool learn(const struct scenario *scenario) {
  free(undisturbed);
  undisturbed = NULL;
  memset(&undisturbed_outcome, 0, sizeof undisturbed_outcome);
  llm_provider *provider = scenario_provider(&undisturbed_outcome);
  if (provider != NULL) scenario_call(scenario, provider, &undisturbed_outcome);
  undisturbed = stable(undisturbed_outcome.json);
  bool is_right = undisturbed_outcome.status == LLM_OK && undisturbed != NULL;
  if (!is_right) printf("not ok %s: undisturbed: %s\n", scenario->name, undisturbed_outcome.json);
  llm_free(undisturbed_outcome.json);
  undisturbed_outcome.json = NULL;
  llm_provider_free(provider);
  /* What is made once in a process is there then. */
  for (int round = 0; is_right && round < 2; round++) run(scenario, (struct point){0});
  return is_right;
}

static void torture(const struct scenario *scenario) {
  if (!learn(scenario)) {
    violations++;
    return;
  }
  unsigned long counts[OPERATIONS];
  run(scenario, (struct point){0});
  for (int operation = 0; operation < OPERATIONS; operation++) counts[operation] = faults_counted(operation);
  struct tally tally = {0};
  for (int index = 0; index < fault_count; index++) {
    const struct fault *fault = &faults[index];
    bool is_for_large = fault->operation == OPERATION_LARGE_MEMORY;
    if (only_fault != NULL && fault != only_fault) continue;
    if (is_for_large == (scenario->trait == LARGE) && !is_of_libcurl(scenario, fault))
      torture_fault(scenario, fault, counts[fault->operation], &tally);
  }
  if (scenario->trait == LARGE && only_fault == NULL) torture_bounds(scenario, &tally);
  report(scenario, &tally);
}

static const struct fault *fault_named(const char *name) {
  for (int index = 0; index < fault_count; index++) {
    if (strcmp(faults[index].name, name) == 0) return &faults[index];
  }
  fprintf(stderr, "no fault has the name %s\n", name);
  exit(2);
}

static void print_totals(void) {
  printf("# points:");
  for (int operation = 0; operation < OPERATIONS; operation++) {
    if (points_of[operation] > 0) printf(" %s %lu", operation_names[operation], points_of[operation]);
  }
  printf("\n");
}

int main(int argc, char **argv) {
  const char *only = NULL;
  struct point at = {0};
  for (int index = 1; index + 1 < argc; index++) {
    if (strcmp(argv[index], "--points") == 0)
      most_points = strtoul(argv[++index], NULL, 10);
    else if (strcmp(argv[index], "--only") == 0)
      only = argv[++index];
    else if (strcmp(argv[index], "--fault") == 0)
      only_fault = fault_named(argv[++index]);
    else if (strcmp(argv[index], "--at") == 0 && index + 2 < argc) {
      at.number = strtoul(argv[++index], NULL, 10);
      at.is_lasting = strcmp(argv[++index], "lasting") == 0;
    }
  }
  at.fault = only_fault;
  char scratch[] = "/tmp/torture-XXXXXX", authority[64];
  if (mkdtemp(scratch) == NULL) return 2;
  snprintf(authority, sizeof authority, "%s/" AUTHORITY, scratch);
  struct server_ports ports = server_start(authority);
  for (int index = 0; index < scenario_count; index++) {
    if (only != NULL && strcmp(only, scenarios[index].name) != 0) continue;
    scenario_prepare(&scenarios[index], ports, scratch);
    if (at.number == 0) {
      torture(&scenarios[index]);
    } else if (at.fault != NULL && learn(&scenarios[index])) {
      /* As it is in torture, so that the numbers are the same. */
      run(&scenarios[index], (struct point){0});
      is_verbose = true;
      faults_tell_places();
      printf("%s\n", outcome_names[in_process(&scenarios[index], at, 0)]);
    }
  }
  print_totals();
  char remove[64];
  snprintf(remove, sizeof remove, "rm -rf %s", scratch);
  if (system(remove) != 0) perror(remove);
  return violations > 0;
}

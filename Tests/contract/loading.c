/* loading DATA.so NESTED.so: plugins that are none, or do what they must not. */
#include <llm_provider.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int failed;

static void refused(const char *path, const char *part, const char *what) {
  char *json = NULL;
  llm_status status = llm_load_plugin(path, &json);
  int holds = status == LLM_E_PLUGIN && json != NULL && strstr(json, part) != NULL;
  printf("%s %s\n", holds ? "ok" : "not ok", what);
  if (!holds) printf("# %s: %s\n", llm_status_name(status), json != NULL ? json : "no document");
  failed |= !holds;
  llm_free(json);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  alarm(20);
  refused(argv[1], "is no function", "what is exported as data is not called");
  refused(argv[2], "is being loaded by this thread", "a plugin that is being loaded loads no other");
  refused(argv[2], "is being loaded by this thread", "and does not count as loaded");
  return failed;
}

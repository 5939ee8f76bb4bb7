/* Prints the library's version and whether a mock answers: enough to know that all of it was linked. */
#include <llm_provider.h>
#include <stdio.h>

#ifdef WITH_REDIS
#include <llm_provider_redis.h>
#endif

#ifdef WITH_OTHER
int other_answer(void); /* of other.swift */
#endif

int main(void) {
  llm_provider *provider = NULL;
  char *json = NULL;
  llm_status status = llm_provider_new("{\"type\":\"mock\"}", &provider, &json);
  if (status >= 0) status = llm_chat(provider, "{\"prompt\":\"Hello\"}", &json);
  printf("%s %s", llm_version(), llm_status_name(status));
#ifdef WITH_REDIS
  printf(" redis %s", llm_status_name(llm_redis_register(NULL)));
#endif
#ifdef WITH_OTHER
  printf(" %d", other_answer());
#endif
  putchar('\n');
  llm_free(json);
  llm_provider_free(provider);
  return status < 0;
}

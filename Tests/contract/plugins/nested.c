/* Loads another plugin while it is being loaded, which must not be, and must not hang. */
#include <llm_provider_extend.h>

LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
  (void)host;
  return llm_load_plugin("/no/such/plugin.so", error);
}

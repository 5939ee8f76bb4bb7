/* A plugin: a shared object that brings a provider type to whatever program loads it. It is not linked to the
 * library, so that one plugin serves programs that link it in any way. See plugin_host.c.
 *
 *   cc -shared -fPIC plugin.c $(pkg-config --cflags llm-provider) -o plugin.so
 */
#include <llm_provider_extend.h>
#include <stdlib.h>

static void *create(const char *config_json, char **error) {
  (void)config_json, (void)error;
  return malloc(1);
}

static void destroy(void *self) {
  free(self);
}

static int execute(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  if (llm_emit_text(emit, "Greetings from a plugin.")) return LLM_E_CANCELLED;
  return LLM_OK;
}

static const llm_provider_vtable greeter = {
    .struct_size = sizeof greeter,
    .metadata_json = "{\"name\":\"Greeter\",\"models\":[\"polite\"],\"model\":\"polite\"}",
    .create = create,
    .destroy = destroy,
    .execute = execute,
};

LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
  return host->register_provider("greeter", &greeter, error);
}

/*
 * llm_provider_jansson.h: the functions of llm_provider.h with jansson's json_t in place of JSON text, and
 * no text in between.
 *
 * Each behaves as its namesake there does, with its status codes, blocking and thread safety. What differs:
 *
 *   In.   A `const json_t *` is borrowed for the length of the call, and never changed, its reference
 *         counts included: several threads may pass the same tree at once. llm_call_start_json and
 *         llm_decoder_new_json do not need it after they have returned.
 *   Out.  A `json_t **` receives a new reference, the result after success, the error document after
 *         failure: release it with json_decref. The tree is the caller's alone, to change as it likes. Such
 *         a parameter may be NULL. An `error` receives NULL after success; all are NULL if even the error
 *         document could not be allocated.
 *
 * The program and the library must use the same libjansson, which linking through pkg-config brings about.
 */
#ifndef LLM_PROVIDER_JANSSON_H
#define LLM_PROVIDER_JANSSON_H

#include <jansson.h>

#include "llm_provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** llm_provider_new. *error is an error document, or NULL after success. @since 0.1.0 */
LLM_API llm_status llm_provider_new_json(const json_t *config, llm_provider **out, json_t **error);

/** llm_connect. @since 0.1.0 */
LLM_API llm_status llm_connect_json(llm_provider *provider, json_t **out);

/** llm_test_connection. @since 0.1.0 */
LLM_API llm_status llm_test_connection_json(llm_provider *provider, json_t **out);

/** llm_provider_status. @since 0.1.0 */
LLM_API llm_status llm_provider_status_json(llm_provider *provider, json_t **out);

/** llm_capabilities. @since 0.1.0 */
LLM_API llm_status llm_capabilities_json(llm_provider *provider, json_t **out);

/** llm_chat. @since 0.1.0 */
LLM_API llm_status llm_chat_json(llm_provider *provider, const json_t *request, json_t **out);

/** llm_stream. @since 0.1.0 */
LLM_API llm_status llm_stream_json(llm_provider *provider, const json_t *request, llm_event_fn on_event,
                                   void *user_data, json_t **out);

/** llm_embed. @since 0.1.0 */
LLM_API llm_status llm_embed_json(llm_provider *provider, const json_t *request, json_t **out);

/** llm_rerank. @since 0.1.0 */
LLM_API llm_status llm_rerank_json(llm_provider *provider, const json_t *request, json_t **out);

/** llm_count_tokens. @since 0.1.0 */
LLM_API llm_status llm_count_tokens_json(llm_provider *provider, const json_t *request, json_t **out);

/** llm_models. @since 0.1.0 */
LLM_API llm_status llm_models_json(llm_provider *provider, json_t **out);

/** llm_model_info. @since 0.1.0 */
LLM_API llm_status llm_model_info_json(llm_provider *provider, const char *model, json_t **out);

/** llm_call_start. *error is an error document, or NULL after success. @since 0.1.0 */
LLM_API llm_status llm_call_start_json(llm_provider *provider, const json_t *request, llm_call **out,
                                       json_t **error);

/** llm_call_result. @since 0.1.0 */
LLM_API llm_status llm_call_result_json(llm_call *call, json_t **out);

/** llm_provider_types. @since 0.1.0 */
LLM_API llm_status llm_provider_types_json(json_t **out);

/** llm_config_validate. @since 0.1.0 */
LLM_API llm_status llm_config_validate_json(const json_t *config, json_t **out);

/** llm_load_plugin. *error is an error document, or NULL after success. @since 0.1.0 */
LLM_API llm_status llm_load_plugin_json(const char *path, json_t **error);

/** llm_render. @since 0.1.0 */
LLM_API llm_status llm_render_json(llm_provider *provider, const json_t *request, json_t **out);

/** llm_decoder_new. *error is an error document, or NULL after success. @since 0.1.0 */
LLM_API llm_status llm_decoder_new_json(llm_provider *provider, const json_t *request, int http_status,
                                        llm_decoder **out, json_t **error);

/** llm_decoder_finish. @since 0.1.0 */
LLM_API llm_status llm_decoder_finish_json(llm_decoder *decoder, llm_event_fn on_event, void *user_data,
                                           json_t **out);

#ifdef __cplusplus
}
#endif

#endif /* LLM_PROVIDER_JANSSON_H */

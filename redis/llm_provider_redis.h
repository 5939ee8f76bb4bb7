/*
 * llm_provider_redis.h: a store in Redis or Valkey, for llm_provider.h.
 *
 * Rate limits, breakers and budgets of all processes and machines whose configurations name the same server
 * count together:
 *
 *     llm_redis_register(NULL);
 *     llm_provider_new("{\"type\":\"openai\",\"rate_limit\":{\"requests_per_minute\":500},"
 *                      "\"store\":{\"type\":\"redis\",\"url\":\"redis://127.0.0.1:6379\"}}", &provider,
 * NULL);
 *
 * or, with nothing to link, llm_load_plugin("/usr/local/lib/libllmprovider-redis.so.0", NULL).
 *
 * Keys of "store":
 *
 *   url              "redis://[[user]:password@]host[:port][/database]" or "unix:///path/to/socket"; the
 *                    default is "redis://127.0.0.1:6379".
 *   user, password   in place of those of the address; best as "${NAME}" out of the environment.
 *   database         the database's number.
 *   prefix           stands before every key of the server; the default is "llm:".
 *   timeout_ms       how long one operation may take: the lookup of the server's name, connecting, the
 * password and the command together; 1 to 10000, the default is 100. All operations of one attempt of a call
 * take at most three times as long, and those of a cache in the store as long each. While the server cannot
 * be reached, one call in a second waits for timeout_ms. connections      how many connections are kept; 1 to
 * 64, the default is 4.
 *
 * A change of a rate limit is one trip to the server (EVALSHA); a budget and a shared breaker add one each.
 * Where `host` is a name, glibc looks it up in a thread of its own, which ends by itself. What the server
 * says of an error stays unsaid but for the word that it begins with (WRONGPASS, READONLY, …).
 *
 * TLS is not supported: keep the server on a private network, or use a local proxy.
 */
#ifndef LLM_PROVIDER_REDIS_H
#define LLM_PROVIDER_REDIS_H

#include <llm_provider_extend.h>

#if defined(__GNUC__)
#define LLM_REDIS_API __attribute__((visibility("default")))
#else
#define LLM_REDIS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The functions of the store, for llm_register_store under a name of your own. @since 0.1.0 */
LLM_REDIS_API const llm_store_vtable *llm_redis_store(void);

/** Registers the store as "redis", with the library that the program is linked to. @since 0.1.0 */
static inline llm_status llm_redis_register(char **error_json) {
  return llm_register_store("redis", llm_redis_store(), error_json);
}

#ifdef __cplusplus
}
#endif

#endif /* LLM_PROVIDER_REDIS_H */

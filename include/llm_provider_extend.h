/*
 * llm_provider_extend.h: providers of the program's own, for llm_provider.h.
 *
 * A provider type is a table of functions under a name. Registered, it is used like any built-in type: in
 * {"type": "that name"}, with llm_chat, llm_stream, llm_call_*, llm_provider_types and all the rest. It comes
 * in two kinds:
 *
 *   An HTTP dialect  gives `encode` and `decode`: it says what HTTP request a chat request becomes, and what
 *                    the pieces of the response mean. Connections, TLS, proxies, time-outs, retries, error
 *                    statuses, limits and cancelling are the library's.
 *   An engine        gives `execute`: it answers a chat request by itself, with a model in the process or
 *                    over a protocol of its own.
 *
 * Both hand over what they have to say through an llm_emitter. Events, results, the pull functions, status
 * documents, observers and retries follow from that. An engine in full:
 *
 *     static void *create(const char *config_json, char **error) { return malloc(1); }
 *     static void destroy(void *self) { free(self); }
 *     static int execute(void *self, const char *request_json, const llm_emitter *emit) {
 *       llm_emit_text(emit, "Hello!");
 *       return LLM_OK;
 *     }
 *     static const llm_provider_vtable hello = {
 *         .struct_size = sizeof hello, .create = create, .destroy = destroy, .execute = execute};
 *     ...
 *     llm_register_provider("hello", &hello, NULL);
 *     llm_provider_new("{\"type\":\"hello\",\"model\":\"any\"}", &provider, NULL);
 *
 * STRINGS  that the library hands to these functions are NUL-terminated UTF-8, borrowed for the length of the
 * call. Strings that these functions return, also through `char **error`, are allocated with malloc and
 * freed by the library with free().
 *
 * ERRORS  `char **error` is never NULL and holds NULL when the function is called. What is put there says
 * what was wrong, and what to do: text for people, or the object {"code", "message", "param"}, where "code"
 * is a name of llm_status_name and "param" a JSON pointer into the document that was given. A function that
 * does what it must not (malformed JSON, events after the end, arguments for a tool call that never began)
 * fails its call with LLM_E_PLUGIN, and the message says what it did.
 *
 * THREADS  Any number of threads may be in these functions at the same time, with the same `self` too, as
 * llm_provider is thread-safe: what `self` changes after `create` needs a lock. The functions run on the
 * thread that made the call, outside of all locks of the library. They may call the library, also to make
 * calls on other providers. They must return: no longjmp and no C++ exception may pass through the library.
 *
 * COMPATIBILITY  The structures begin with struct_size and grow only at the end. The library reads of a
 * table what lies inside the size it states, and takes the rest for NULL. A provider that is built against a
 * newer header than the library it runs with must ask before it uses a member newer than its oldest
 * supported library: LLM_EMITTER_HAS, or the version in llm_plugin_host.
 */
#ifndef LLM_PROVIDER_EXTEND_H
#define LLM_PROVIDER_EXTEND_H

#include <string.h>

#include "llm_provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -- What a provider says ------------------------------------------------------------------------------- */

/**
 * Where a provider puts its answer. Made by the library, for one answer; valid until the function returns
 * that it was handed to, and to be used on that function's thread only. @since 0.1.0
 */
typedef struct llm_emitter llm_emitter;

/** The functions of an emitter. @since 0.1.0 */
struct llm_emitter {
  size_t struct_size; /**< sizeof(llm_emitter) when the library was built. */

  /**
   * Says one thing. The event is read and copied before this returns; set its struct_size to sizeof(struct
   * llm_event), and what a type does not use to zero. `choice` is which of the request's "n" answers.
   *
   *   TEXT, REASONING, REFUSAL  data, len: an increment. It may end within a UTF-8 sequence.
   *   TOOL_CALL                 index: the provider's own number for the call; name; id, or NULL for one of
   *                             the library's making.
   *   TOOL_ARGUMENTS            index as told; data, len: an increment of the arguments, JSON text.
   *   TOOL_CALL_END             index as told. May be left out.
   *   SOURCE                    data, len: a citation, a JSON object.
   *   RESPONSE                  data, len: {"id", "model"}.
   *   USAGE                     data, len: OpenAI's "usage", as far as it is known; may be told in parts.
   *   PING                      nothing: a sign of life.
   *   FINISH                    data, len: why the choice ended: "stop", "length", "tool_calls",
   *                             "content_filter", "error", or the service's own word for one of them; "stop"
   *                             where len is 0. No more content may follow for that choice.
   *
   * An event of another provider may be passed on as it is, as llm_event_fn received it: of a FINISH that is
   * a whole result the reasons to end, the usage and the model are taken; an ERROR fails with its code and
   * message; START, RETRY, RAW and types that the library does not know are skipped.
   *
   * @return 0 to go on; anything else says that nobody wants more (cancelled, timed out, or failed): return
   *         from `decode` or `execute` soon.
   */
  int (*event)(const llm_emitter *emit, const llm_event *event);

  /**
   * Whether nobody wants the answer any more: 1 when the call was cancelled or ran out of time, else 0. For
   * an engine that computes long between two events. Cheap enough for every token.
   */
  int (*is_cancelled)(const llm_emitter *emit);

  /**
   * Fails the call: what was emitted becomes "partial". The first failure counts.
   *
   * @param code     an LLM_E_ code; decides whether the call is tried again. Anything else is LLM_E_PLUGIN.
   * @param message  what went wrong, and what to do; copied. May be NULL.
   * @return code, so that `return emit->fail(emit, ...)` reads well.
   */
  int (*fail)(const llm_emitter *emit, llm_status code, const char *message);

  /**
   * Memory that belongs to this answer: zeroed, the same for all frames of one response, freed by the library
   * when the response is over.
   *
   * @param size  how much; what the first call for an answer says, counts.
   * @return the memory, aligned for any type; NULL when there is none, or less than `size` was asked first.
   */
  void *(*state)(const llm_emitter *emit, size_t size);

  /** The name of the event that `decode` is handed ("event:" of a server-sent event); "" for none. */
  const char *frame_name;

  void *internal; /**< The library's own. */
};

/** Whether an emitter has a member; needed only for members newer than 0.1.0. @since 0.1.0 */
#define LLM_EMITTER_HAS(emit, member)                                                                        \
  ((emit)->struct_size >= offsetof(struct llm_emitter, member) + sizeof((emit)->member))

/** Emits an event that needs no more than its data. Returns as `event` does. @since 0.1.0 */
static inline int llm_emit(const llm_emitter *emit, int32_t type, const char *data, size_t len) {
  struct llm_event event = {sizeof(struct llm_event), 0, 0, 0, NULL, 0, NULL, NULL, NULL};
  event.type = type;
  event.data = data;
  event.len = len;
  return emit->event(emit, &event);
}

/** Emits an increment of the first choice's text. Returns as `event` does. @since 0.1.0 */
static inline int llm_emit_text(const llm_emitter *emit, const char *text) {
  return llm_emit(emit, LLM_EVENT_TEXT, text, strlen(text));
}

/** Emits a whole tool call of the first choice. id may be NULL. Returns as `event` does. @since 0.1.0 */
static inline int llm_emit_tool_call(const llm_emitter *emit, uint32_t index, const char *id,
                                     const char *name, const char *arguments_json) {
  struct llm_event event = {sizeof(struct llm_event), 0, 0, 0, NULL, 0, NULL, NULL, NULL};
  event.type = LLM_EVENT_TOOL_CALL;
  event.index = index;
  event.id = id;
  event.name = name;
  if (emit->event(emit, &event)) return 1;
  event.type = LLM_EVENT_TOOL_ARGUMENTS;
  event.data = arguments_json;
  event.len = strlen(arguments_json);
  if (emit->event(emit, &event)) return 1;
  event.type = LLM_EVENT_TOOL_CALL_END;
  event.data = NULL;
  event.len = 0;
  return emit->event(emit, &event);
}

/** Emits why the first choice ended: "stop", "length", ... Returns as `event` does. @since 0.1.0 */
static inline int llm_emit_finish(const llm_emitter *emit, const char *reason) {
  return llm_emit(emit, LLM_EVENT_FINISH, reason, strlen(reason));
}

/* -- What a provider is --------------------------------------------------------------------------------- */

/**
 * A provider type. `create` is required, and either `encode` and `decode` or `execute`. @since 0.1.0
 */
typedef struct llm_provider_vtable {
  size_t struct_size; /**< sizeof(llm_provider_vtable) when the provider was built. */

  /**
   * What the type is, a JSON object, or NULL for nothing to say. All members are optional:
   *
   *   name, version        the implementation's, as llm_provider_types lists them
   *   label, description   for people
   *   config_schema        JSON Schema of the configuration keys that are the type's own, an object with
   *                        "properties": a configuration is checked against "type", "enum", "minimum",
   *                        "maximum", "properties", "items", "required" and "additionalProperties", and
   *                        "default" is filled in. The keys of all types (type, name, model, api_key,
   *                        base_url, headers, extra_body, timeout, retry, limits, tls, proxy, ...) are always
   *                        allowed; "required": ["api_key"] makes the key required.
   *   framing              how `decode` is fed: "sse" (the default), "ndjson" or "whole"
   *   base_url, base_url_variables, key_variables, auth, headers, model, capabilities
   *                        as in a row of a catalogue file: the address, environment variables for it and for
   *                        the key, how the key is shown ("bearer", the default, "none", {"header", "prefix"}
   *                        or {"query"}), header fields for all requests, the model where none is named,
   *                        ["streaming", "tools", ...]
   *   models               the models there are: names, or rows of a catalogue file without "provider"
   *
   * An unknown member is refused, with the nearest known name. Copied by llm_register_provider.
   */
  const char *metadata_json;

  /**
   * Makes an instance: once for each llm_provider_new. Required.
   *
   * @param config_json  the configuration, checked, with variables and defaults filled in, "api_key" from the
   *                     environment included. It is wiped afterwards: copy what is needed.
   * @return the instance, handed to the other functions as `self`; NULL refuses the configuration, with
   *         LLM_E_INVALID_CONFIG unless *error names another code.
   */
  void *(*create)(const char *config_json, char **error);

  /** Frees an instance: exactly once, when the last call on its provider is over. May be NULL. */
  void (*destroy)(void *self);

  /**
   * An HTTP dialect: the request for a chat.
   *
   * @param request_json  the chat request in OpenAI's form: shorthands resolved, "model" named, "stream" true
   *                      where the answer is wanted piece by piece, without "llm".
   * @return {"url", "method", "headers", "body", "warnings"}. "url" is an address of http or https, or a path
   *         ("/chat") below the configured base_url; "method" is POST unless given; "headers" an object of
   *         strings; "body" an object or array, sent as JSON, or a string, sent as it is. The library adds
   *         the key as "auth" says, unless the same header is there; the configuration's and the request's
   *         headers; and "extra_body", where the body is an object. "warnings" [{"message", "param"}] tells
   *         what of the request was left out: an error with "strict". NULL refuses the request, with
   *         LLM_E_INVALID_REQUEST unless *error names another code, and LLM_E_PLUGIN without *error.
   */
  char *(*encode)(void *self, const char *request_json, char **error);

  /**
   * An HTTP dialect: a piece of the response.
   *
   * Framing "sse" and "ndjson" feed the data of each event, or each line. A response that is no such stream
   * (one JSON document where events were expected) and framing "whole" come as one frame. After the last
   * frame of a stream decode is called once more with frame NULL and len 0, unless it said LLM_DONE.
   *
   * With an http_status of 300 or above the frame is the whole body of an error response: nothing is to be
   * emitted; `fail` says what it was, and without it the library reads the common forms itself. Redirections
   * are not followed.
   *
   * @param call         tells apart the responses that are decoded at the same time: the same for all frames
   *                     of one. `emit->state` has memory for each.
   * @param http_status  the response's status.
   * @param frame        len bytes, and a NUL behind them. Borrowed for the length of the call.
   * @return LLM_OK to go on; LLM_DONE when the answer is complete; or an LLM_E_ code, to fail. A stream that
   *         ends without LLM_DONE and without a FINISH for each choice is LLM_E_STREAM_TRUNCATED.
   */
  int (*decode)(void *self, void *call, int http_status, const char *frame, size_t len,
                const llm_emitter *emit);

  /**
   * An engine: answers a chat request, and returns when the answer is over. Blocks as long as it needs: the
   * function that made the call blocks with it (llm_call_next, too: its events wait in a queue). It should
   * stop soon after an event was answered with non-zero, or is_cancelled.
   *
   * @param request_json  as for `encode`.
   * @return LLM_OK when the answer is complete; or an LLM_E_ code, to fail.
   */
  int (*execute)(void *self, const char *request_json, const llm_emitter *emit);

  /**
   * The models there are now: an array of names, or of objects with at least "id"; or {"data": [...]}. May
   * be NULL: the metadata's "models" are listed then. Also called to check an engine's connection
   * (llm_connect). It may block.
   *
   * @return NULL fails, with LLM_E_PLUGIN unless *error names another code.
   */
  char *(*models)(void *self, char **error);
} llm_provider_vtable;

/**
 * Registers a provider type under a name, for as long as the process lives. Everything in the table is
 * copied; the functions must stay where they are.
 *
 * @param type        the "type" of configurations: lower-case letters, digits, '-', '_' and '.', beginning
 *                    with a letter, at most 64. Must not be taken, by a built-in type or an earlier one.
 * @param error_json  receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_PLUGIN (a name that is taken or malformed; malformed metadata; a required function
 *         is missing, or both kinds are given).
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_register_provider(const char *type, const llm_provider_vtable *vtable,
                                         char **error_json);

/* -- Stores --------------------------------------------------------------------------------------------- */

/**
 * A store: where rate limits, breakers, budgets and caches keep what several processes or machines share.
 * Registered under a name, it is used by the configuration {"store": {"type": "that name", ...}}; the other
 * members of "store" are its own.
 *
 * Keys are short texts; values are bytes, at most some thousand, or with {"cache": {"type": "store"}} whole
 * answers of up to "max_bytes", under keys that begin with "cache:". Each operation is atomic, whoever else
 * uses the store. It is done while a call waits to be sent: it is to answer at once or fail soon. All
 * functions but `create` and `destroy` return LLM_OK, or an LLM_E_ code with the reason in *error.
 * LLM_E_TOO_LARGE and LLM_E_INVALID_ARGUMENT refuse the one operation: a value that does not fit, or is no
 * number. Any other code says that the store is lost: it is left alone for a second at a time; until it works
 * again, limits count in the process alone, and the observer is told store_lost and store_recovered. No call
 * fails for it. What is in *error is told to the program and its log: it has no secrets in it, and nothing
 * that a server said.
 *
 * The operations that one attempt of a call needs may take 200 ms together, or twice the "timeout_ms" of
 * "store" where that has one: after that the attempt does without the store, which is told with the next.
 *
 * What is read is believed only within bounds: counts from 0 to 2^53 - 1, slots of a lease up to 10^9, moments
 * that can be meant. An entry outside of them is dropped.
 *
 * `now_us` is the moment, in microseconds since 1970: for a store that forgets by itself. `ttl_ms` is how
 * long a value is kept, in milliseconds, 0 for ever; a value that is kept longer than that does no harm.
 *
 * All functions are required but `destroy` and `run_script`. Any number of threads may be in them at the same
 * time. @since 0.1.0
 */
typedef struct llm_store_vtable {
  size_t struct_size; /**< sizeof(llm_store_vtable) when the store was built. */

  /**
   * Makes an instance. Handles of the process whose "store" is the same share one.
   *
   * @param config_json  the "store" object, with variables filled in. It is wiped afterwards.
   * @return the instance, handed to the other functions as `self`; NULL refuses the configuration, with
   *         LLM_E_INVALID_CONFIG unless *error names another code. A server that cannot be reached now is no
   *         reason to refuse.
   */
  void *(*create)(const char *config_json, char **error);

  /** Frees an instance: exactly once, when the last handle that uses it is freed. May be NULL. */
  void (*destroy)(void *self);

  /** Reads: *value is allocated with malloc and freed by the library, *len its length; NULL for no such key.
   */
  llm_status (*get)(void *self, const char *key, int64_t now_us, char **value, size_t *len, char **error);

  /** Sets a value, whatever was there. */
  llm_status (*set)(void *self, const char *key, const char *value, size_t len, int64_t ttl_ms,
                    int64_t now_us, char **error);

  /**
   * Adds to a number, and tells the sum. Numbers are kept as decimal text, which `get` reads; one that is not
   * there, or is no such text, is 0. A sum is never below 0: what is given back may have been forgotten by
   * the store meanwhile. ttl_ms counts from the addition that made it.
   */
  llm_status (*add)(void *self, const char *key, int64_t amount, int64_t ttl_ms, int64_t now_us, int64_t *sum,
                    char **error);

  /**
   * Sets a value if what is there is `expected` (NULL: nothing), and tells in *swapped whether it was (1,
   * else 0).
   */
  llm_status (*compare_and_set)(void *self, const char *key, const char *expected, size_t expected_len,
                                const char *value, size_t len, int64_t ttl_ms, int64_t now_us, int *swapped,
                                char **error);

  /** Forgets a value. LLM_OK where there is none. */
  llm_status (*remove)(void *self, const char *key, int64_t now_us, char **error);

  /**
   * Runs a script about a key, as the EVAL command of Redis does: Lua 5.1 with redis.call (GET and SET) and
   * struct, the key in KEYS[1], the arguments in ARGV. As a whole: nobody else changes the value meanwhile.
   * With it a change of a rate limit's window is one trip to the server; without it (NULL, or a table that
   * ends before it) the value is read, and written where nobody else has changed it: two trips, and more
   * where many share a limit.
   *
   * @param script     the same text each time, for as long as the process lives.
   * @param arguments  count texts, which may hold any bytes; lengths has their lengths.
   * @param answer     receives the string that the script returned, allocated with malloc and freed by the
   *                   library, and *len its length.
   */
  llm_status (*run_script)(void *self, const char *script, const char *key, const char *const *arguments,
                           const size_t *lengths, size_t count, int64_t now_us, char **answer, size_t *len,
                           char **error);
} llm_store_vtable;

/**
 * Registers a store type under a name, for as long as the process lives. The table is copied; the functions
 * must stay where they are.
 *
 * @param type        the "type" of "store" in configurations: spelt as in llm_register_provider. Must not be
 *                    taken, by "memory", "file" or an earlier one.
 * @param error_json  receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_PLUGIN (a name that is taken or malformed; a required function is missing).
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_register_store(const char *type, const llm_store_vtable *vtable, char **error_json);

/* -- Plugins -------------------------------------------------------------------------------------------- */

/** What a plugin is handed by llm_load_plugin; valid during the call. @since 0.1.0 */
typedef struct llm_plugin_host {
  size_t struct_size; /**< sizeof(llm_plugin_host) when the library was built. */
  uint32_t version;   /**< llm_version_number() of the library that loads. */

  /** llm_register_provider of the library that loads: a plugin need not be linked to any. */
  llm_status (*register_provider)(const char *type, const llm_provider_vtable *vtable, char **error_json);

  /** llm_register_store of the library that loads. */
  llm_status (*register_store)(const char *type, const llm_store_vtable *vtable, char **error_json);
} llm_plugin_host;

/**
 * What a plugin exports under the name llm_plugin_register:
 *
 *     LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
 *       return host->register_provider("mine", &vtable, error);
 *     }
 *
 * It registers what it brings, and returns LLM_OK, or an LLM_E_ code with the reason in *error: an error
 * document, or text, allocated with malloc. It must not call llm_load_plugin. A plugin is a shared object,
 * compiled with the flags of `pkg-config --cflags llm-provider`, and need not link the library. It stays
 * loaded as long as the process lives. @since 0.1.0
 */
typedef llm_status (*llm_plugin_register_fn)(const llm_plugin_host *host, char **error);

/** Exports llm_plugin_register from a plugin, whatever the compiler's flags and language. @since 0.1.0 */
#ifdef __cplusplus
#define LLM_PLUGIN extern "C" LLM_API
#else
#define LLM_PLUGIN LLM_API
#endif

#ifdef __cplusplus
}
#endif

#endif /* LLM_PROVIDER_EXTEND_H */

/*
 * llm_provider.h: one interface to any large-language-model service. JSON in, JSON out.
 *
 * This header is the specification of libllmprovider. What it says holds for every release that has the
 * same SONAME; what it does not say may change.
 *
 *     llm_provider *provider;
 *     char *json;
 *     if (llm_provider_new("{\"type\":\"openai\",\"model\":\"gpt-4o-mini\"}", &provider, &json) < 0) ...
 *     if (llm_chat(provider, "{\"prompt\":\"Hello!\"}", &json) >= 0) puts(json);
 *     llm_free(json);
 *     llm_provider_free(provider);
 *
 * CONVENTIONS
 *
 *   Results.   A function that can fail returns llm_status: zero or more is success, less than zero is one
 *              of the LLM_E_ codes. A `char **` out parameter comes last. After success `*json_out` is the
 *              result; after failure it is the error document (below); it is never left unset. An
 *              `*error_json` is NULL after success. Any `char **` may be NULL when the text is not wanted.
 *              An out parameter that yields a handle is required, and holds NULL after failure.
 *   Strings    are NUL-terminated UTF-8, both ways. Those passed in are borrowed for the length of the call
 *              and never changed. Those handed out through `char **` belong to the caller: free them with
 *              llm_free. A `const char *` handed out belongs to the library, and says how long it lives.
 *   Handles    may be freed in any order: a call or a decoder keeps its provider alive. Every `_free(NULL)`
 *              is a no-op, and so are the other functions without a result when their handle is NULL; a
 *              function with an llm_status answers LLM_E_INVALID_ARGUMENT to a NULL handle or NULL required
 *              argument.
 *   Errors     common to all functions with an llm_status, and not repeated below: LLM_E_INVALID_ARGUMENT
 *              for a NULL that must not be NULL, LLM_E_NO_MEMORY, and LLM_E_INTERNAL, which is a bug in the
 *              library.
 *
 * THREADS
 *
 *   llm_provider is thread-safe: any number of threads may call any function on one handle at the same
 *   time. They share its connections. Share one handle rather than making one per thread.
 *   llm_call and llm_decoder belong to one thread at a time; hand them over with the synchronisation that
 *   any other object would need. llm_call_cancel alone may be called from any thread at any time, as long
 *   as the call has not been freed. Functions without a handle are thread-safe.
 *   The library starts no threads. libcurl may use a short-lived one of its own while it resolves a name.
 *   Callbacks run on the thread that made the call, outside of all locks: calling back into the library is
 *   legal, on the same provider too, except where a callback is told to leave its own call or decoder
 *   alone. A slow callback stops the socket from being read, so that the peer waits and memory does not
 *   grow. A callback must return: no longjmp and no C++ exception may pass through the library.
 *
 * SIGNALS, FORK AND THE PROCESS
 *
 *   No signal handler is installed, no signal disposition changed, no atexit handler registered; a peer
 *   that goes away is an error code, never a SIGPIPE. Blocking functions do not return early because of a
 *   signal: to stop one, return non-zero from its callback or from llm_progress_fn, or use llm_call_cancel
 *   from another thread. No function here is async-signal-safe; a handler sets a flag, and the program acts
 *   on it.
 *   After fork() without exec, the child must leave the parent's handles alone (their sockets are shared)
 *   and make its own; freeing them is for the parent. Descriptors are opened close-on-exec.
 *   Nothing is written to stdout or stderr, unless LLM_LOG is set in the environment (llm_set_log). The
 *   environment is read in llm_provider_new, llm_config_validate and at the first log line only: variables
 *   that a configuration names, the provider type's own (OPENAI_API_KEY, ...), LLM_LOG, and, as curl reads
 *   them, those of proxies: http_proxy, or https_proxy and HTTPS_PROXY, then all_proxy and ALL_PROXY, where
 *   the configuration says nothing of a "proxy"; no_proxy and NO_PROXY. They are not asked for what runs on
 *   this machine (localhost, 127.0.0.0/8, ::1).
 *
 * MEMORY
 *
 *   What the peer sends is bounded (the configuration's "limits"): more is LLM_E_TOO_LARGE, never an
 *   ever-growing buffer. Streaming an event allocates nothing in the steady state. Results are allocated
 *   once, with the C allocator. Keys, passwords and header fields that are likely to hold one (Authorization,
 *   ...) never appear in an error, an event other than the answer itself, a log line, a rendered request, a
 *   recording or a status document, whoever quotes them: the service, libcurl or a parser. The library's own
 *   copies of keys are wiped when their provider is freed, those of a request when it is over. libcurl's are
 *   not the library's to reach: the buffers that it writes requests into are freed as they are, so that
 *   copies of a key may stay in free memory until it is used again.
 *   Where memory runs out, a function ends with LLM_E_NO_MEMORY or with what it would have ended with anyway,
 *   never with a part of it: what was made without enough memory is not handed out, and nothing is left
 *   behind. The error document is then a short one without "partial", or NULL where there is no memory for
 *   that either. A stream ends with LLM_EVENT_ERROR. Handles that exist stay usable; what has ended with
 *   LLM_E_NO_MEMORY may be called again, llm_call_result and llm_decoder_finish for the same result.
 *
 * COMPATIBILITY
 *
 *   Symbols are versioned (LLM_0) and only ever added, as are status codes, event types, configuration keys
 *   and members of result documents: treat an unknown one as you would treat its absence (an unknown
 *   negative status is an error, an unknown event is skipped). Structures that the library hands out begin
 *   with struct_size, the size at the library's build, and grow only at the end. A program built against an
 *   older header reads the fields it knows. A program built against a newer header than the library it runs
 *   with must ask before it reads a field newer than its oldest supported library: LLM_EVENT_HAS. Never
 *   copy, allocate or take the sizeof such a structure.
 *
 * THE REQUEST is an OpenAI chat-completion request: "model" (defaults to the provider's), "messages",
 * "temperature", "max_tokens", "tools", "response_format" and so on, whatever service it is for. Two
 * shorthands, "prompt" and "system", stand for one user and one system message. "stream" need not be said:
 * the function called decides. What is about the call and not about the model stands in the member "llm":
 *
 *     "llm": {"timeout": {"connect_ms", "first_token_ms", "idle_ms", "total_ms"}, "strict", "raw",
 *             "cache": {"no_cache", "no_store", "ttl_s", "max_age_s", "namespace"}, "estimate_usage",
 *             "extra_body", "extra_headers", "metadata": {"request_id"}}
 *
 * "extra_headers" go to the provider that is asked first; a router's other targets, which may be another
 * company's, get none of them, and the result has a warning where one of those answered.
 * What a service cannot take is left out and named in "metadata.warnings" of the result; with "strict" it
 * is the error LLM_E_UNSUPPORTED instead. A message of a response may be sent back verbatim as part of the
 * next request.
 *
 * THE RESULT of a chat is an OpenAI "chat.completion", and two more members: "text", the first choice's
 * text, and "metadata" {"provider", "model", "request_id", "provider_request_id", "attempts", "warnings",
 * "timing", "cost", "cached", "finish_reason_raw"}. What a service did not say is absent, not zero; with
 * "estimate_usage": true tokens that it did not count are estimated, and "usage" has "estimated": true.
 * "cost" is in US dollars: {"input", "output", "cache_read", "cache_write", "search", "call", "total",
 * "currency"}, by the catalogue's prices; or {"total", "currency", "stated": true} where the service says
 * itself what it asks for. A model that ends within sixty days, or has ended, is the warning
 * "deprecated_model".
 *
 * THE ERROR DOCUMENT tells what was wrong, where, and what to do:
 *
 *     {"error": {"code": "rate_limited", "message": "...", "status": 429, "provider": "...", "model":
 *                "...", "stage": "connect|tls|send|first_byte|first_token|stream|decode", "retryable":
 *                true, "retry_after_ms": 2000, "request_id": "...", "param": "/messages/0/role",
 *                "attempts": [...], "provider_error": {...}},
 *      "partial": {...}}
 *
 * "code" and "message" are always there; "param" is a JSON pointer into the caller's own document;
 * "partial" is what of the response had arrived, in the form of a result.
 *
 * RETRIES  "retry.attempts" counts the requests that the library makes. Beside them libcurl sends a request
 * once more by itself in two cases, at once: on another connection, where one that had served before turns
 * out to be closed; and over HTTP/2, where the server says that it has not looked at it (REFUSED_STREAM).
 * The latter counts among the attempts that "retry.attempts" allows (with a libcurl before 7.80 it does not,
 * and there may be five of them). A request whose connection ended before the answer began is sent again as
 * "retry" says, though the service may have received it.
 *
 * LIMITS  The configuration's "rate_limit", "breaker" and "budget" stand before every request. A call beyond
 * a limit waits; where it may not, or not longer, it fails with LLM_E_RATE_LIMITED; behind an open breaker
 * with LLM_E_OVERLOADED, both with "retry_after_ms" where it is known; beyond a budget with
 * LLM_E_BUDGET_EXCEEDED. "store" shares the state with other processes or machines; while it is lost, the
 * state is the process's own. A store may be slow: an attempt waits for it for twice its "timeout_ms" at
 * most, and for the operation that is under way then. llm_provider_status has a member for each that is
 * configured:
 *
 *     "rate_limit"  {"requests" | "tokens" | "concurrency": {"limit", "used", "left"}, "queued", "closed_ms":
 *                   how long the service wants to be left alone, "service": {"requests" | "tokens" | ...:
 *                   {"limit", "left", "reset_ms"}}}
 *     "breaker"     {"state": "closed|open|half_open", "failures", "retry_after_ms"}
 *     "budget"      {"usd", "spent_usd", "left_usd", "ends", "unpriced_calls", "warning"}; the sum is that of
 *                   the store, which is asked for it
 *     "store"       {"type", "state": "connected|lost"}
 *
 * and the observer hears "queued", "rate_limited", "breaker", "budget", "store_lost" and "store_recovered".
 */
#ifndef LLM_PROVIDER_H
#define LLM_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

/** The version of this header; llm_version() tells that of the library. @since 0.1.0 */
#define LLM_VERSION "0.1.0"
#define LLM_VERSION_MAJOR 0
#define LLM_VERSION_MINOR 1
#define LLM_VERSION_PATCH 0
/** major << 16 | minor << 8 | patch, to compare with llm_version_number(). @since 0.1.0 */
#define LLM_VERSION_NUMBER 0x000100

/** Marks what the shared library exports. A program that wants another mark, or none, defines it before. */
#ifndef LLM_API
#if defined(__GNUC__)
#define LLM_API __attribute__((visibility("default")))
#else
#define LLM_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** A configured provider. Thread-safe, reference-counted. @since 0.1.0 */
typedef struct llm_provider llm_provider;

/** One request in flight. One thread at a time, except llm_call_cancel. @since 0.1.0 */
typedef struct llm_call llm_call;

/** Turns a response fetched by the caller into events and a result. One thread at a time. @since 0.1.0 */
typedef struct llm_decoder llm_decoder;

/** An increment or a turning point of a response. @since 0.1.0 */
typedef struct llm_event llm_event;

/* -- Status --------------------------------------------------------------------------------------------- */

/** Zero or more is success, less than zero one of the LLM_E_ codes. @since 0.1.0 */
typedef int32_t llm_status;

/** Values of llm_status. @since 0.1.0 */
enum {
  LLM_OK = 0,      /**< Success. */
  LLM_DONE = 1,    /**< Success, and nothing more will come. */
  LLM_PENDING = 2, /**< Nothing yet: ask again. */

  /* The caller's own: sending the same again cannot help. */
  LLM_E_INVALID_ARGUMENT = -1, /**< A NULL or out-of-range argument of a C function. */
  LLM_E_INVALID_CONFIG = -2,   /**< The configuration is malformed, or has a wrong or unknown key. */
  LLM_E_INVALID_REQUEST = -3,  /**< The request is malformed, or the service refused it as such. */
  LLM_E_UNSUPPORTED = -4,      /**< The provider or the model cannot do this. */

  /* The account. */
  LLM_E_AUTHENTICATION = -5,   /**< No key, or the service does not accept it. */
  LLM_E_PERMISSION = -6,       /**< The key is good, but not for this. */
  LLM_E_NOT_FOUND = -7,        /**< No such model, deployment or address. */
  LLM_E_RATE_LIMITED = -8,     /**< Too many requests or tokens for now; see "retry_after_ms". */
  LLM_E_QUOTA_EXCEEDED = -9,   /**< The account's money or allowance is used up. */
  LLM_E_BUDGET_EXCEEDED = -10, /**< The program's own budget is used up; nothing was sent. */

  /* The service. */
  LLM_E_OVERLOADED = -11,     /**< The service has no capacity now. */
  LLM_E_SERVER_ERROR = -12,   /**< The service failed. */
  LLM_E_CONTEXT_LENGTH = -13, /**< The conversation is longer than the model's context window. */
  LLM_E_CONTENT_FILTER = -14, /**< The service refused the content. */

  /* The way there. */
  LLM_E_TIMEOUT = -15,          /**< A time-out passed; "stage" tells which. */
  LLM_E_CONNECTION = -16,       /**< No connection, or it broke. */
  LLM_E_TLS = -17,              /**< The peer's certificate or the handshake was not acceptable. */
  LLM_E_PROTOCOL = -18,         /**< The peer's answer is not what its protocol allows. */
  LLM_E_STREAM_TRUNCATED = -19, /**< A stream ended without its end; "partial" holds what had arrived. */
  LLM_E_TOO_LARGE = -20,        /**< A limit of the configuration was passed. */

  /* The call. */
  LLM_E_CANCELLED = -21, /**< The program cancelled the call; "partial" holds what had arrived. */
  LLM_E_PLUGIN = -22,    /**< A provider of the program's own failed. */
  LLM_E_NO_MEMORY = -23, /**< Memory ran out; see MEMORY above. */
  LLM_E_INTERNAL = -24   /**< A bug in the library. */
};

/**
 * The name of a status: "ok", "done", "pending", or the "code" of error documents ("rate_limited").
 * "unknown" for a number that this library does not know. Never NULL; static, not to be freed. Thread-safe.
 * @since 0.1.0
 */
LLM_API const char *llm_status_name(llm_status status);

/** The library's version, "0.1.0". Static, not to be freed. Thread-safe. @since 0.1.0 */
LLM_API const char *llm_version(void);

/** The library's version as LLM_VERSION_NUMBER has it for the header. Thread-safe. @since 0.1.0 */
LLM_API uint32_t llm_version_number(void);

/** Frees what the library handed out through a `char **`. NULL is a no-op. Thread-safe. @since 0.1.0 */
LLM_API void llm_free(void *memory);

/* -- Life cycle of a provider --------------------------------------------------------------------------- */

/**
 * Makes a provider from its configuration. Checks the configuration completely, and connects to nothing,
 * except that {"type":"auto"} looks for servers on this machine where the environment holds no key.
 *
 *     {"type": "openai", "name": "my-openai", "model": "...", "bypass_model": false,
 *      "api_key": "${OPENAI_API_KEY}", "api_key_env": "...", "base_url": "...", "base_url_env": "...",
 *      "headers": {...}, "extra_body": {...},
 *      "timeout": {"connect_ms": 10000, "first_token_ms": 120000, "idle_ms": 60000, "total_ms": 0},
 *      "tls": {"ca_file", "ca_path", "client_cert"}, "proxy": "...", "unix_socket": "...", "http_version":
 *      "auto", "limits": {"max_response_bytes", "max_event_bytes"}, "allow_http": false,
 *      "cache": {"type": "memory|disk|store", "path", "ttl_s": 3600, "max_bytes": 67108864, "namespace",
 *      "shared"},
 *      "record": "DIRECTORY", "replay": "DIRECTORY" or {"dir", "timing": false, "strict": true}}
 *
 * A router is a provider of several: groups of targets, each a whole configuration or a name of
 * "providers". docs/routing.md tells how targets are chosen and what follows a failure.
 *
 *     {"type": "router", "strategy": "fallback|round_robin|weighted|least_busy|lowest_latency|lowest_cost",
 *      "providers": {"main": {...}},
 *      "models": [{"name": "fast", "provider": {...}, "model": "...", "weight": 1},
 *                 {"name": "big", "provider": "main"}],
 *      "fallbacks": {"fast": ["big", {"on": "context_length", "to": "big"}]}, "cooldown_ms": 5000,
 *      "hedge": {"after_ms": 300}, "model": "fast", "bypass_model": false, "timeout": {"total_ms": 0},
 *      "plugins": ["/absolute/path.so"]}
 *     {"type": "router", "file": "/absolute/path.json"}
 *
 * A request's "model" names a group, "provider/model" or a target's model; without one it goes to the first
 * group. All functions take a router; each target is a provider of its own, with its own limits and settings.
 *
 * "type" alone is required; llm_provider_types lists the types and the schema of each. ${NAME} and
 * ${NAME:-default} in any string stand for environment variables, read now. {"type":"auto"} picks the first
 * provider whose key is in the environment, then a local server that answers, then the built-in "mock",
 * which needs no network. Plain http with a key is refused except to loopback or a unix socket, unless
 * "allow_http" is true.
 *
 * With "cache" a request that was answered before is answered from what was kept, in the same events, and
 * marked "cached": true; of identical requests at the same time one is sent, and the others wait for its
 * answer. With "record" every exchange is written to a file, without secrets; with "replay" such files
 * answer in the place of the service: no network and no key is needed, and a request that was not recorded
 * is LLM_E_NOT_FOUND, unless "strict" is false. What cannot be written costs a log line and an "error"
 * event, never the call.
 *
 * @param config_json  the configuration.
 * @param out          receives the handle, to be released with llm_provider_free; NULL after failure.
 *                     Required.
 * @param error_json   receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_INVALID_CONFIG (malformed, wrong type, unknown key: the message names the nearest
 *         known key and "param" the place; a variable that is not set and has no default),
 *         LLM_E_UNSUPPORTED (no such type), LLM_E_AUTHENTICATION (the type needs a key and there is none),
 *         LLM_E_PLUGIN (a plugin that a router names cannot be loaded).
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_provider_new(const char *config_json, llm_provider **out, char **error_json);

/**
 * Takes one more reference, to be released with llm_provider_free. Returns its argument. Thread-safe.
 * @since 0.1.0
 */
LLM_API llm_provider *llm_provider_retain(llm_provider *provider);

/**
 * Releases a reference. With the last one connections are closed and keys wiped. Legal while calls run,
 * from any thread, and from a callback: a call or decoder in progress holds a reference of its own, and
 * finishes as usual.
 * Thread-safe. @since 0.1.0
 */
LLM_API void llm_provider_free(llm_provider *provider);

/**
 * Opens a connection ahead of the first call, and checks the credentials where the service has a way to.
 * Blocks. On success *json_out is {"provider", "state": "connected", "timing": {...}}; of a router
 * {"provider", "state", "targets": [...]}, which succeeds where one target could be reached.
 *
 * @return LLM_OK; LLM_E_CONNECTION, LLM_E_TLS, LLM_E_TIMEOUT, LLM_E_AUTHENTICATION, LLM_E_PERMISSION, or
 *         what else the service answered.
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_connect(llm_provider *provider, char **json_out);

/**
 * Closes the connections that are not in use. The handle stays usable: the next call connects again. Calls
 * in progress are not disturbed. Thread-safe. @since 0.1.0
 */
LLM_API void llm_disconnect(llm_provider *provider);

/**
 * Whether a call made now may be expected to be served, by what is known without asking the network: 1 or
 * 0; 0 for NULL. Does not block. Thread-safe. @since 0.1.0
 */
LLM_API int llm_is_available(llm_provider *provider);

/**
 * Connects as llm_connect does and reports, for the button in a settings page. Blocks. *json_out is
 * {"success", "provider", "error"}, where "error" is the "error" member of an error document, or null.
 *
 * @return LLM_OK when the test could be made, whatever came of it: look at "success".
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_test_connection(llm_provider *provider, char **json_out);

/**
 * What the provider has been doing since it was made. Counted are calls that began; a request that is refused
 * at once (malformed, unsupported) is none, and what llm_decoder_... decodes neither.
 *
 *     "provider", "type", "model"   as configured
 *     "state"             "idle" (nothing known yet), "connected" (it answered when last asked), "error"
 *     "available"         what llm_is_available tells
 *     "uptime_s"          seconds since the provider was made
 *     "last_used"         when the last call ended, seconds since 1970; absent before the first
 *     "in_flight"         calls that have begun and not ended
 *     "counters"          {"calls", "succeeded", "failed", "cancelled", "attempts", "retries", "cache_hits",
 *                         "prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens",
 *                         "reasoning_tokens"}: tokens as services told them, or as estimated where the
 *                         request wants that; answers out of the cache are not counted again
 *     "failures"          calls that failed, by code: {"rate_limited": 2}; cancelled ones too
 *     "attempt_failures"  requests to the service that failed, by code: those that a retry mended too
 *     "cost"              {"total", "currency": "USD"}: the sum of what results say they cost
 *     "latency_ms"        {"samples", "mean", "p50", "p90", "p95", "p99", "max"} of the attempts that were
 *                         answered, in milliseconds; percentiles are at most 3.2 % off
 *     "first_token_ms"    the same for the time to the first content of a stream
 *     "call_ms"           the same for successful calls, with their retries and pauses
 *     "connections"       {"opened", "reused", "idle"}
 *     "last_error"        the "error" member of the last failed attempt's error document, or null
 *     "cache", "record"   where they are configured: {"hits", "misses", "waits", "entries", "bytes",
 *                         "evictions"}, {"dir", "written", "failed"}
 *
 * Rate limits, circuit breakers and budgets add members of their own where they are configured. A router has
 * also "targets": the status of each, with its "groups" and "routing" {"in_flight", "first_token_ms",
 * "cooldown_ms"}. A target counts what the router's calls did there: a call that asked it is one of its
 * "calls", ended as its last attempt there did; tokens, cost, cache hits and connections are those of its own
 * attempts. The router counts the calls as a whole, so that the targets' numbers and its own are not to be
 * added. "retries" are attempts that asked the same target again: a fallback is none. Does not block, unless
 * a budget is kept in a store on another machine: that is asked, for at most its own time-out. @return
 * LLM_OK. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_provider_status(llm_provider *provider, char **json_out);

/**
 * What the provider supports: {"provider", "type", "streaming", "tools", "parallel_tools", "json_schema",
 * "vision", ..., "embeddings", "model_list"}, each true or false. Does not block. @return LLM_OK.
 * Thread-safe.
 * @since 0.1.0
 */
LLM_API llm_status llm_capabilities(llm_provider *provider, char **json_out);

/* -- Events --------------------------------------------------------------------------------------------- */

/**
 * Values of llm_event.type. A response is START, then any of the others, then exactly one of FINISH, ERROR
 * and CANCELLED, the terminal events. "Document" below means that data is the JSON text of one; in the
 * other events data is an increment as it is. Unknown types must be skipped.
 *
 * START comes again with each further attempt that is sent, to the same target or another, with the next
 * "attempt". Before it stands a RETRY where there is something to say: where the call pauses until then
 * ("delay_ms" above 0, "reason" the code of the failure: a program may show "rate limited, waiting"), and
 * where content is taken back: after a RETRY whose "discarded" is true, everything before it is void. A call
 * that a limit, a breaker or a budget refuses is START and ERROR too; one that is cancelled before it began
 * is CANCELLED alone.
 * @since 0.1.0
 */
enum {
  LLM_EVENT_START = 1,          /**< Document: {"provider", "model", "attempt", "warnings"}. */
  LLM_EVENT_RESPONSE = 2,       /**< Document: {"id", "model"}, as the service said. */
  LLM_EVENT_TEXT = 3,           /**< An increment of a choice's text. */
  LLM_EVENT_REASONING = 4,      /**< An increment of a choice's reasoning. */
  LLM_EVENT_REFUSAL = 5,        /**< An increment of a refusal. */
  LLM_EVENT_TOOL_CALL = 6,      /**< A tool call begins; id and name are known, data is empty. */
  LLM_EVENT_TOOL_ARGUMENTS = 7, /**< An increment of the arguments (JSON text) of tool call `index`. */
  LLM_EVENT_TOOL_CALL_END = 8,  /**< The arguments of tool call `index` are complete; data is empty. */
  LLM_EVENT_SOURCE = 9,         /**< Document: a citation. */
  LLM_EVENT_USAGE = 10,         /**< Document: the "usage" of the result, as far as it is known. */
  LLM_EVENT_PING = 11,          /**< The service is alive; data is empty. */
  LLM_EVENT_RETRY = 12,         /**< Document: {"attempt", "delay_ms", "reason", "discarded", "error"}. */
  LLM_EVENT_RAW = 13,           /**< A frame as the service sent it; with "llm":{"raw":true} only. */
  LLM_EVENT_FINISH = 14,        /**< Document: the result, just as llm_chat returns it. Terminal. */
  LLM_EVENT_ERROR = 15,         /**< Document: the error document. Terminal. */
  LLM_EVENT_CANCELLED = 16      /**< Document: the error document of LLM_E_CANCELLED. Terminal. */
};

/**
 * One event. Made by the library and read-only. It and all it points to are valid until the callback
 * returns; when it came from llm_call_next, until the next function called on that llm_call. Increments are
 * never cumulative, and never split a UTF-8 sequence. @since 0.1.0
 */
struct llm_event {
  uint32_t struct_size; /**< sizeof(llm_event) when the library was built. */
  int32_t type;         /**< LLM_EVENT_... */
  uint32_t choice;      /**< Which of the request's "n" choices; 0 where it does not apply. */
  uint32_t index;       /**< Which tool call or block: the library's own numbering, from 0. */
  const char *data;     /**< The increment or the document. Never NULL; NUL-terminated. */
  size_t len;           /**< Bytes before that NUL. What a model says may hold NULs: len counts. */
  const char *id;       /**< TOOL_CALL, TOOL_ARGUMENTS, TOOL_CALL_END: the call's id. Else NULL. */
  const char *name;     /**< TOOL_CALL, TOOL_ARGUMENTS, TOOL_CALL_END: the tool's name. Else NULL. */
  const void *internal; /**< The library's own. */
};

/** Whether an event has a field; needed only for fields newer than 0.1.0. @since 0.1.0 */
#define LLM_EVENT_HAS(event, field)                                                                          \
  ((event)->struct_size >= offsetof(struct llm_event, field) + sizeof((event)->field))

/**
 * The event as an OpenAI "chat.completion.chunk" in JSON, for programs that pass the stream on; rendered
 * when first asked for. An ERROR or CANCELLED is its error document. NULL for an event that has no
 * counterpart in OpenAI's stream (START, TOOL_CALL_END, PING, RETRY, RAW), for NULL, and when memory runs
 * out.
 *
 * @param len  receives the length in bytes. May be NULL.
 * @return text that belongs to the event and lives as long as it does: not to be freed.
 * To be called on the thread that the event was delivered on. @since 0.1.0
 */
LLM_API const char *llm_event_json(const llm_event *event, size_t *len);

/**
 * Receives events. Returns 0 to go on; anything else cancels the call, which then ends with a CANCELLED
 * event. The value returned for a terminal event is ignored. Runs on the thread that made the call, outside
 * of all locks: it may call the library, but must not use or free the decoder that is calling it.
 * @since 0.1.0
 */
typedef int (*llm_event_fn)(const llm_event *event, void *user_data);

/* -- Ending a wait ------------------------------------------------------------------------------------- */

/**
 * Asks whether a blocking function is to go on waiting: 0 goes on, anything else ends it with
 * LLM_E_CANCELLED. Runs on the thread that made the call, outside of all locks, while names are resolved,
 * connections made, limits and pauses between attempts waited for, and answers received. It may call the
 * library.
 * @since 0.1.0
 */
typedef int (*llm_progress_fn)(void *user_data);

/**
 * Sets what the blocking functions of a provider (llm_chat, llm_stream, llm_embed, llm_rerank,
 * llm_count_tokens, llm_models, llm_model_info, llm_connect, llm_test_connection) call about every 100 ms as
 * long as they wait, so that a program can end them: for the Ctrl-C of an interpreter, or a button. NULL
 * removes it. llm_call_next has a time-out instead, and a provider type of the program's own that computes
 * (llm_provider_extend.h) asks its emitter. A thread that is waiting may still call the former function once
 * after this has returned. Thread-safe. @since 0.1.0
 */
LLM_API void llm_provider_set_progress(llm_provider *provider, llm_progress_fn progress, void *user_data);

/* -- Generation ----------------------------------------------------------------------------------------- */

/**
 * Sends a chat request and waits for the whole answer.
 *
 * @param request_json  the request; see the top of this file.
 * @param json_out      receives the result, or the error document. May be NULL.
 * @return LLM_OK; LLM_E_INVALID_REQUEST (malformed: line and column; wrong or missing members: "param"),
 *         LLM_E_UNSUPPORTED, any code of the groups account, service and way there, or LLM_E_CANCELLED.
 * Blocks. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_chat(llm_provider *provider, const char *request_json, char **json_out);

/**
 * Sends a chat request and hands over the answer while it arrives. A request that fails before it could be
 * started (NULL, malformed, unsupported) never calls on_event; otherwise exactly one terminal event is
 * delivered, and then this function returns what that event says: after FINISH LLM_OK, after ERROR its
 * code, after CANCELLED LLM_E_CANCELLED.
 *
 * @param on_event   receives the events, on this thread. Required. Non-zero from it cancels.
 * @param user_data  is handed to on_event.
 * @param json_out   receives the result, the same as llm_chat's for the same answer; or the error document,
 *                   in which "partial" holds what had arrived. May be NULL.
 * @return as llm_chat; also LLM_E_STREAM_TRUNCATED.
 * Blocks. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_stream(llm_provider *provider, const char *request_json, llm_event_fn on_event,
                              void *user_data, char **json_out);

/**
 * Embeds texts. The request is an OpenAI embeddings request: "input" (a string or an array of them),
 * "model", "dimensions". The result is {"object": "list", "data": [{"index", "embedding": [...]}], "model",
 * "usage", "metadata"}.
 *
 * @return as llm_chat; LLM_E_UNSUPPORTED where the provider has no embeddings.
 * Blocks. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_embed(llm_provider *provider, const char *request_json, char **json_out);

/**
 * Ranks documents by how well they answer a query. The request is {"query": "...", "documents": ["...", ...],
 * "top_n", "model", "return_documents"}: a document is a text, or an object with a "text"; "top_n" bounds the
 * results; further members are passed on to the service. The result is {"object": "list", "results":
 * [{"index", "relevance_score", "document"}], "model", "usage", "metadata"}: the best first, "index" from 0
 * among the request's documents, "document" with "return_documents": true only. "usage" has what the service
 * counts: tokens by OpenAI's names, or its own "search_units". The model is to be named, by the request or
 * the configuration: a type's usual one is none that ranks.
 *
 * @return as llm_chat; LLM_E_UNSUPPORTED where the provider ranks no documents (the capability "rerank"
 * tells). Blocks. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_rerank(llm_provider *provider, const char *request_json, char **json_out);

/**
 * Counts the tokens of a chat request without running it: {"model", "prompt_tokens", "estimated"}. The
 * service's own count where it offers one; else an estimate by words, numbers and scripts, made without the
 * network, with "estimated" true: about 10 % off what today's tokenizers count, 40 % at worst.
 *
 * @return as llm_chat.
 * May block. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_count_tokens(llm_provider *provider, const char *request_json, char **json_out);

/**
 * Lists the models that the provider offers: {"object": "list", "data": [{"id", ...}], "cached", "stale"}.
 * Each model has what the service says of it and, for what the service does not say, what the catalogue knows
 * ("context_window", "max_output_tokens", "prices", "capabilities", "lacks", "refuses", "refuses_thinking",
 * "reasoning_efforts", "responses_for_tools", "deprecated_on", "successor", "as_of", ...:
 * docs/configuration.md has them all); "source" tells where that comes from: "service", "catalog" or "both".
 * An ability that is in neither "capabilities" nor "lacks" is not known. "as_of" is the day from when the
 * catalogue's row is; a row of your own has the one that it names, or none.
 *
 * A list is kept for the configuration's "models_ttl_s", an hour unless it says otherwise, and is "cached"
 * then. Where the service cannot be reached an older one is given, which is "stale". Where a service has no
 * list, the catalogue's models are. A list that differs from the one before is the event "model_changed".
 *
 * @return LLM_OK; LLM_E_UNSUPPORTED where the service has no list and the catalogue knows none of its models;
 *         else as llm_chat.
 * May block. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_models(llm_provider *provider, char **json_out);

/**
 * What is known about one model: an element of what llm_models lists. The service is asked where it can tell
 * about one model (Gemini, Ollama, Cohere), and its answer kept as a list is; else the list that is kept is
 * looked up, the catalogue, without the network, and at last the service's list.
 *
 * @param model  the model's name; NULL for the provider's own.
 * @return LLM_OK; LLM_E_NOT_FOUND; else as llm_models.
 * May block. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_model_info(llm_provider *provider, const char *model, char **json_out);

/* -- Pull: the caller asks for the events --------------------------------------------------------------- */

/**
 * Starts a streamed chat whose events are asked for with llm_call_next. Does not block: the network is used
 * while llm_call_next runs, and not in between. What has arrived and was not asked for waits in the socket:
 * the library reads no more ahead than one read's worth.
 *
 * @param out         receives the call, to be freed with llm_call_free; NULL after failure. Required.
 * @param error_json  receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_INVALID_REQUEST, LLM_E_UNSUPPORTED. Failures of the network come as an ERROR event.
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_call_start(llm_provider *provider, const char *request_json, llm_call **out,
                                  char **error_json);

/**
 * Waits for the next event.
 *
 * @param timeout_ms  how long to wait at most: 0 not at all, -1 without end.
 * @param event       receives the event, valid until the next function called on this llm_call
 *                    (llm_call_cancel excepted); NULL unless LLM_OK is returned. Required.
 * @return LLM_OK with an event, the terminal one included; LLM_DONE after the terminal event, as often as
 *         asked; LLM_PENDING when the time has passed. How the call ended is told by the terminal event and
 *         llm_call_result: this function itself fails with the common errors only.
 * One thread at a time. @since 0.1.0
 */
LLM_API llm_status llm_call_next(llm_call *call, int timeout_ms, const llm_event **event);

/**
 * The outcome, once the terminal event has been delivered; may be asked for repeatedly.
 *
 * @param json_out  receives the result, or the error document; NULL with LLM_PENDING. May be NULL.
 * @return what llm_stream would have returned; LLM_PENDING before the terminal event.
 * One thread at a time. @since 0.1.0
 */
LLM_API llm_status llm_call_result(llm_call *call, char **json_out);

/**
 * Cancels. A thread in llm_call_next wakes at once and closes the connection; where none is, this closes it
 * itself: within 50 ms either way. Events that wait are dropped, START excepted, and the next llm_call_next
 * has the CANCELLED event that ends the call; unless the call had ended by itself, when this does nothing.
 * Does not wait. From any thread, any number of times; the call must not have been freed. @since 0.1.0
 */
LLM_API void llm_call_cancel(llm_call *call);

/**
 * Frees a call; one that has not ended is cancelled first, without a further event. No other thread may be
 * using it.
 * @since 0.1.0
 */
LLM_API void llm_call_free(llm_call *call);

/* -- Observation ---------------------------------------------------------------------------------------- */

/**
 * Receives what happens to a provider: {"event", "provider", "request_id", ..., "attributes": {...}}, where
 * "request_id" is there in events that a call brought about. Unknown events, and members, must be skipped.
 *
 *     call_started     "operation" (chat, embeddings, rerank, models, model_info, token_count), "model",
 *                      "stream"
 *     call_ended       "operation", "model", "code" ("ok", or the error's), "duration_ms", "first_token_ms",
 *                      "attempts" (how many), "cached", "cost_usd", "usage". Each call that starts ends.
 *     status_changed   "from", "to": the "state" of llm_provider_status
 *     connected        "model": the service answers, for the first time or again
 *     disconnected     llm_disconnect was called
 *     error            "model", "attempt", "duration_ms", "error" (of an error document): an attempt failed
 *     retry            "attempt" (the one that failed), "delay_ms", "code": another one follows
 *     fallback         "from", "to" (targets), "from_model", "to_model", "code": another target is asked
 *     hedge            "from", "to", "to_model", "delay_ms": a second target is asked, the first being slow
 *     rate_limited     "model", "reason" ("service": it said so; "refused": a limit of the configuration),
 *                      "wait_ms"
 *     queued           "model", "reason", "wait_ms": the call waits for leave to be sent
 *     refused          "model", "error": a breaker, a budget or a recording lets the call not be sent
 *     breaker          "from", "to" ("closed", "open", "half_open"), "failures", "code", "open_ms"
 *     model_changed    "added", "removed": ids, since the service was last asked for its models
 *     cache_hit        "model": the call is answered out of the cache
 *     budget           "usd", "spent_usd", "left_usd", "ends": a call would pass the budget
 *     store_lost       "store", "error": the state of limits and such is kept within this process for now
 *     store_recovered  "store"
 *
 * A router tells what happens to it and to its targets, once: "provider" is the router, and "target" names
 * the target in the events that are about one (all but those of the call as a whole, "retry" included).
 *
 * "attributes" are named as OpenTelemetry's semantic conventions for generative AI have it, for a bridge to
 * copy into a span or a log record: gen_ai.provider.name, gen_ai.operation.name, gen_ai.request.model,
 * server.address, server.port, error.type; in call_started and call_ended what the request says
 * (gen_ai.request.temperature, .top_p, .top_k, .max_tokens, .frequency_penalty, .presence_penalty, .seed,
 * .stop_sequences, .choice.count, .stream, gen_ai.embeddings.dimension.count); in call_ended
 * gen_ai.response.id, .model, .finish_reasons, .time_to_first_chunk (seconds), gen_ai.usage.input_tokens,
 * .output_tokens, .cache_read.input_tokens, .cache_creation.input_tokens, .reasoning.output_tokens. What is
 * not known is absent.
 *
 * Prompts and answers are in no event; "error" holds what the service said, secrets blotted out. event_json
 * is valid during the call. Runs on whichever thread makes a call, on several at once if several do, outside
 * of all locks. @since 0.1.0
 */
typedef void (*llm_observer_fn)(const char *event_json, void *user_data);

/**
 * Sets the provider's one observer; NULL removes it. A thread that is just delivering an event may still
 * finish doing so with the former observer and user_data after this has returned. Thread-safe. @since 0.1.0
 */
LLM_API void llm_provider_set_observer(llm_provider *provider, llm_observer_fn observer, void *user_data);

/**
 * Metrics in Prometheus's text format (version 0.0.4, text/plain; charset=utf-8), for a program to serve.
 *
 * Every series has the labels "provider" and "type", and "model" where a model was asked (beyond 64 of them
 * "other"). Providers of one name and type are one series, the sum of theirs. A router's targets count what
 * its calls did there, each attempt, token and cent once; so a sum over providers is right. The router's own
 * calls, whoever answered, are llm_router_calls_total (with "code"), llm_router_calls_in_flight,
 * llm_router_available and the histogram llm_router_call_duration_seconds, without "model". Counters:
 * llm_calls_total and llm_attempts_total (label "code": "ok" or the error's), llm_retries_total,
 * llm_cache_hits_total, llm_prompt_tokens_total, llm_completion_tokens_total, llm_cached_tokens_total,
 * llm_cache_write_tokens_total, llm_reasoning_tokens_total, llm_cost_usd_total, llm_connections_opened_total,
 * llm_connections_reused_total (both without "model"). Gauges, without "model": llm_connections_idle (of a
 * router: those of all its targets), llm_calls_in_flight, llm_available (of several, how many are), and each
 * number of the members that limits, breakers and budgets add to llm_provider_status, such as
 * llm_rate_limit_requests_left; a "state" is 1 with the label "state". Histograms, with buckets of powers of
 * two from 4 ms to 134 s: llm_attempt_duration_seconds, llm_time_to_first_token_seconds,
 * llm_call_duration_seconds.
 *
 * @param provider  the provider, a router with its targets; NULL for all that live in the process (which this
 * does not keep alive).
 * @param text_out  receives the text, to be freed with llm_free; NULL with LLM_E_NO_MEMORY. May be NULL.
 * @return LLM_OK. Does not block. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_metrics(llm_provider *provider, char **text_out);

/** Levels of log lines. @since 0.1.0 */
enum { LLM_LOG_ERROR = 1, LLM_LOG_WARN = 2, LLM_LOG_INFO = 3, LLM_LOG_DEBUG = 4 };

/**
 * Receives one log line, without a line end: an observer's event (llm_observer_fn) as `key=value` pairs with
 * blanks between,
 *
 *     level=warn event=error provider=openai request_id=llm-1f... model=m attempt=1 duration_ms=12.5
 *     code=rate_limited status=429 stage=first_byte
 *
 * first "level", "event" and "provider", then "request_id" where a call is behind it, then the event's
 * members that are plain values, in an order that stays; more may follow. A value with blanks, quotes or `=`
 * is quoted, with \" and \\ within. There are no secrets in a line, and nothing of what was asked or
 * answered: the words of services are left to the error document and the observer. LLM_LOG_ERROR has calls
 * that failed, LLM_LOG_WARN what went wrong and may have been mended, LLM_LOG_INFO ends of calls and changes,
 * LLM_LOG_DEBUG beginnings.
 *
 * line is valid during the call. Runs on any
 * thread that uses the library, outside of all locks; must not itself call the library. @since 0.1.0
 */
typedef void (*llm_log_fn)(int level, const char *line, void *user_data);

/**
 * Sets where the log lines of the whole library go, and up to which level they are made; 0 makes none. A
 * NULL function brings back the default: silence, unless the environment variable LLM_LOG (error, warn,
 * info or debug, in either case) asks for lines on stderr, which begin with the time; a word that is none of
 * these, nor "off", is said to be so there, once. There are none where descriptor 2 was closed when the
 * library first looked, or has become another socket since. Set it before other threads use the library if
 * user_data is ever to be freed.
 * Thread-safe. @since 0.1.0
 */
LLM_API void llm_set_log(llm_log_fn log, int level, void *user_data);

/* -- Registry and configuration ------------------------------------------------------------------------- */

/**
 * All provider types: {"types": [{"type", "label", "description", "env": [...], "models": [...],
 * "capabilities": {...}, "config_schema": {...}}]}; "config_schema" is JSON Schema. What a settings page
 * needs. Does not block.
 * @return LLM_OK. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_provider_types(char **json_out);

/**
 * Checks a configuration as llm_provider_new would, and makes nothing; a router's file is read, and its
 * plugins are not loaded. What a provider type of the program's own would refuse is its own matter.
 *
 * *json_out is {"valid", "errors": [{"code", "message", "param", "suggestion"}], "warnings": [{"code",
 * "message", "param"}], "resolved": {...}}, and after failure "error" as well, the error document of the
 * first error; "resolved" is what would be used, for a router with each provider's in its place, and without
 * secrets: keys, values of header fields and of unknown keys, users, passwords and queries of addresses. Does
 * not block.
 * @return LLM_OK; else as llm_provider_new. Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_config_validate(const char *config_json, char **json_out);

/**
 * Loads a plugin: a shared object that brings provider types of its own (llm_provider_extend.h says how it is
 * made), and registers them. It runs with all the rights of the program: load only what the program, or the
 * one who configures it, names. Loading the same file again does nothing. A plugin stays loaded as long as
 * the process lives.
 *
 * @param path        the file's absolute path. No folders are searched.
 * @param error_json  receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_PLUGIN (the path is not absolute; the file cannot be loaded; it exports no
 *         llm_plugin_register, or data of that name; that refused; it is called while a plugin is loaded by
 * the same thread). Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_load_plugin(const char *path, char **error_json);

/* -- Without the network: for programs that bring their own HTTP ---------------------------------------- */

/**
 * The HTTP request that a chat request would send: {"method", "url", "headers": {...}, "body": {...}}.
 * Secrets are redacted: the caller puts its own in. "stream": true in the request asks for the streamed
 * form. Does not block.
 *
 * @return LLM_OK; LLM_E_INVALID_REQUEST, LLM_E_UNSUPPORTED.
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_render(llm_provider *provider, const char *request_json, char **json_out);

/**
 * Makes a decoder for the response to a request. "stream": true in the request tells that the streamed form
 * was asked for.
 *
 * @param http_status  the response's status; with 400 and above the body is decoded as an error.
 * @param out          receives the decoder, to be freed with llm_decoder_free; NULL after failure.
 *                     Required.
 * @param error_json   receives the error document after failure, NULL after success. May be NULL.
 * @return LLM_OK; LLM_E_INVALID_REQUEST, LLM_E_UNSUPPORTED, LLM_E_INVALID_ARGUMENT (http_status is none).
 * Thread-safe. @since 0.1.0
 */
LLM_API llm_status llm_decoder_new(llm_provider *provider, const char *request_json, int http_status,
                                   llm_decoder **out, char **error_json);

/**
 * Decodes the next bytes of the response's body, cut anywhere, and delivers the events that they complete. A
 * stream is complete at its own end (`[DONE]`, `message_stop`, ...); anything else is when llm_decoder_finish
 * says so.
 *
 * @param bytes      borrowed for the length of the call; NULL if len is 0.
 * @param on_event   as for llm_stream; NULL if only the result is wanted. Over the life of a decoder
 *                   exactly one terminal event is delivered, at the latest by llm_decoder_finish.
 * @return LLM_OK to go on; LLM_DONE when the response is complete, and further bytes are ignored; the code
 *         of the error that ended the response, or LLM_E_CANCELLED, then and whenever asked again.
 * One thread at a time. @since 0.1.0
 */
LLM_API llm_status llm_decoder_feed(llm_decoder *decoder, const void *bytes, size_t len,
                                    llm_event_fn on_event, void *user_data);

/**
 * Tells the decoder that the body has ended, delivers what is left, the terminal event included unless
 * llm_decoder_feed has delivered it, and hands out the outcome. May be called again for the outcome.
 *
 * @param json_out  receives the result, or the error document. May be NULL.
 * @return what llm_stream would have returned for these bytes: LLM_OK, or an error, LLM_E_STREAM_TRUNCATED
 * among them.
 * One thread at a time. @since 0.1.0
 */
LLM_API llm_status llm_decoder_finish(llm_decoder *decoder, llm_event_fn on_event, void *user_data,
                                      char **json_out);

/** Frees a decoder, finished or not, without a further event. Not from its own callback. @since 0.1.0 */
LLM_API void llm_decoder_free(llm_decoder *decoder);

#ifdef __cplusplus
}
#endif

#endif /* LLM_PROVIDER_H */

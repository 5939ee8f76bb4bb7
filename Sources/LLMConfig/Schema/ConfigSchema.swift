import LLMCore

/// The table of all keys.
public enum ConfigSchema {
  private static let dialects: StaticText = """
    openai-chat|openai-responses|openai-completions|anthropic-messages|gemini-generate|ollama-chat|cohere-chat|\
    bedrock-converse|mock
    """

  /// The rows: an object's own row stands before those of its members.
  public static let keys: [ConfigKey] = [
    ConfigKey("type", .string, "The provider: a name from docs/providers.md, `auto` or `router`. Required."),
    ConfigKey("name", .string, "What documents, logs and events call it; the type where it is missing."),
    ConfigKey(
      "api_key", .string, "The key. Without it the type's own environment variables are asked.", secret: true),
    ConfigKey("api_key_env", .string, "The environment variable that holds the key, in place of the type's own."),
    ConfigKey("base_url", .string, "Where the service is, in place of the type's own address."),
    ConfigKey("base_url_env", .string, "The environment variable that holds the address."),
    ConfigKey("model", .string, "The model where a request names none."),
    ConfigKey("bypass_model", .boolean, "Use `model` whatever a request names.", default: "false"),
    ConfigKey("headers", .object, "Header fields for every request.", elements: .string),
    ConfigKey("extra_body", .object, "Members laid over the body of every request.", in: .both),
    ConfigKey("extra_headers", .object, "Header fields for this request.", elements: .string, in: .request),
    ConfigKey(
      "dialect", .string, "The wire format of a service of your own.", default: "\"openai-chat\"",
      words: dialects, for: .custom),
    ConfigKey(
      "api", .string, "Which of OpenAI's interfaces to use; without it the model decides.",
      words: "chat|responses|completions", for: .openAI),
    ConfigKey(
      "auth", .stringOrObject, "How the key is shown: one of the words, or an object that names the place.",
      words: "bearer|none"),
    ConfigKey("auth.header", .string, "The header field that carries the key."),
    ConfigKey("auth.prefix", .string, "What stands before the key in that field, such as `Api-Key `.", default: "\"\""),
    ConfigKey("auth.query", .string, "The query parameter that carries the key."),
    ConfigKey("paths", .object, "Addresses of operations below the base URL, where they are not the usual ones."),
    ConfigKey("paths.chat", .string, "Generation."),
    ConfigKey("paths.embeddings", .string, "Embeddings."),
    ConfigKey("paths.models", .string, "The list of models."),
    ConfigKey("paths.rerank", .string, "Rankings of documents."),
    ConfigKey(
      "quirks", .array, "Departures from the wire format, added to the type's own; `!` before a name takes one away.",
      elements: .string),
    ConfigKey(
      "strict", .boolean, "Make what the service cannot take an error, not a warning.", default: "false", in: .both),
    ConfigKey(
      "estimate_usage", .boolean, "Estimate the tokens where the service counts none; they are marked `estimated`.",
      default: "false", in: .both),
    ConfigKey(
      "models_ttl_s", .integer, "How long a service's list and descriptions of models are kept; 0 asks each time.",
      default: "3600",
      bounds: ConfigBounds(0, 31_536_000)),
    ConfigKey("raw", .boolean, "Deliver what the service sent as RAW events too.", default: "false", in: .request),
    ConfigKey(
      "allow_http", .boolean, "Allow a key to travel over plain http to another machine.", default: "false"),
    ConfigKey("timeout", .object, "Bounds in time; 0 for none.", in: .both),
    ConfigKey(
      "timeout.connect_ms", .integer, "Name, TCP and TLS together.", default: "10000", bounds: .time, in: .both),
    ConfigKey(
      "timeout.first_token_ms", .integer, "From sending to the first content.", default: "120000", bounds: .time,
      in: .both),
    ConfigKey(
      "timeout.idle_ms", .integer, "Between two pieces of an answer.", default: "60000", bounds: .time, in: .both),
    ConfigKey(
      "timeout.total_ms", .integer, "The whole call, retries included.", default: "0", bounds: .time, in: .both),
    ConfigKey("retry", .object, "What happens after a failure that may pass.", in: .both),
    ConfigKey(
      "retry.attempts", .integer, "How often a request is sent at most.", default: "3", bounds: ConfigBounds(1, 100),
      in: .both),
    ConfigKey(
      "retry.delay_ms", .integer, "The first pause; each further one is twice as long.", default: "500", bounds: .time,
      in: .both),
    ConfigKey("retry.max_delay_ms", .integer, "The longest pause.", default: "20000", bounds: .time, in: .both),
    ConfigKey("retry.jitter", .boolean, "Draw each pause at random below its bound.", default: "true", in: .both),
    ConfigKey(
      "retry.respect_retry_after", .boolean, "Wait as long as the service asks.", default: "true", in: .both),
    ConfigKey(
      "retry.after_content", .boolean, "Try again even after content was delivered; a RETRY event says so.",
      default: "false", in: .both),
    ConfigKey(
      "retry.budget", .integer, "Retries of all calls together at most, in percent of the calls, beyond ten.",
      default: "20", bounds: ConfigBounds(0, 10_000), in: .both),
    ConfigKey(
      "rate_limit", .object,
      "Bounds on what is sent; calls beyond them wait. `{}` only heeds the limits that the service tells of."),
    ConfigKey(
      "rate_limit.requests_per_minute", .integer, "Requests in any window.", bounds: .amount),
    ConfigKey(
      "rate_limit.tokens_per_minute", .integer,
      "Tokens in any window: estimated before a request is sent, corrected by what the service counted.",
      bounds: .amount),
    ConfigKey("rate_limit.concurrency", .integer, "Requests at the same time.", bounds: .amount),
    ConfigKey(
      "rate_limit.queue", .integer, "How many calls may wait; more are refused.", default: "1000",
      bounds: ConfigBounds(0, 1_000_000)),
    ConfigKey(
      "rate_limit.queue_timeout_ms", .integer, "How long a call may wait before it is refused; 0 for no bound.",
      default: "120000", bounds: .time),
    ConfigKey(
      "rate_limit.window_ms", .integer, "The length of the window that the limits are for, where it is no minute.",
      default: "60000", bounds: ConfigBounds(100, 86_400_000)),
    ConfigKey(
      "rate_limit.lease_ms", .integer,
      "With a shared store: after how long without a sign of life the slots of a process that died are free again.",
      default: "300000", bounds: ConfigBounds(100, 86_400_000)),
    ConfigKey("priority", .integer, "Higher goes first where calls wait for a limit.", default: "0", in: .request),
    ConfigKey(
      "breaker", .object,
      "Refuses calls at once while the service fails. Off unless given; `{}` is on, with the defaults."),
    ConfigKey(
      "breaker.failures", .integer, "So many failures of the service in a row open it.", default: "5",
      bounds: ConfigBounds(1, 1_000_000)),
    ConfigKey(
      "breaker.window_ms", .integer, "Failures that are further apart than this are not in a row.", default: "60000",
      bounds: ConfigBounds(1, 2_147_483_647)),
    ConfigKey(
      "breaker.open_ms", .integer, "How long it stays open.", default: "30000", bounds: ConfigBounds(1, 2_147_483_647)),
    ConfigKey(
      "breaker.half_open", .integer, "So many calls are let through then, and must succeed for it to close.",
      default: "1", bounds: ConfigBounds(1, 1000)),
    ConfigKey(
      "budget", .object,
      "What may be spent. A call that would pass it is refused before it is sent; models without a known price cost 0."),
    ConfigKey("budget.usd", .number, "US dollars.", bounds: ConfigBounds(0, 1_000_000_000)),
    ConfigKey(
      "budget.per", .string, "The time it is for, by the calendar in UTC.", default: "\"month\"",
      words: "hour|day|month|total"),
    ConfigKey(
      "budget.scope", .string, "Who shares it: all that bear the `name`, or all that use the key.",
      default: "\"provider\"", words: "provider|key"),
    ConfigKey(
      "store", .object, "Where the state of limits, breaker, budget and cache is kept; without it, in the handle alone."
    ),
    ConfigKey(
      "store.type", .string, "`memory`, `file`, or a type that was registered, with keys of its own.",
      default: "\"memory\""),
    ConfigKey("store.name", .string, "Of a `memory`: handles of the process that give the same name share it."),
    ConfigKey("store.path", .string, "Of a `file`: processes of the machine that give the same path share it."),
    ConfigKey(
      "cache", .booleanOrObject,
      "Answers are kept and played when the same request comes again (docs/cache.md); `false` for none.", in: .both),
    ConfigKey("cache.type", .string, "Where answers are kept.", default: "\"memory\"", words: "memory|disk|store"),
    ConfigKey("cache.path", .string, "The directory of a cache on disk; it is made where it is missing."),
    ConfigKey(
      "cache.max_bytes", .integer, "What all answers may take; in a store, what one may.", default: "67108864",
      bounds: .size),
    ConfigKey(
      "cache.shared", .boolean, "Share answers between providers, addresses and keys whose requests are the same.",
      default: "false"),
    ConfigKey("cache.ttl_s", .integer, "How long an answer is good.", default: "3600", bounds: .seconds, in: .both),
    ConfigKey(
      "cache.namespace", .string, "Requests are compared within it; tenants, versions of a prompt.", default: "\"\"",
      in: .both),
    ConfigKey(
      "cache.no_cache", .boolean, "Ask the service, whatever is cached; the answer is kept.", default: "false",
      in: .request),
    ConfigKey("cache.no_store", .boolean, "Do not keep the answer.", default: "false", in: .request),
    ConfigKey(
      "cache.max_age_s", .integer, "How old a cached answer may be.", bounds: ConfigBounds(0, 315_360_000),
      in: .request),
    ConfigKey("record", .string, "A directory to which every exchange is written, without secrets (docs/testing.md)."),
    ConfigKey(
      "replay", .stringOrObject,
      "A directory of recordings that are played in the place of the service; no key is needed (docs/testing.md)."),
    ConfigKey("replay.dir", .string, "The directory, where `replay` is an object. Required."),
    ConfigKey("replay.timing", .boolean, "Answers take the time that they took.", default: "false"),
    ConfigKey(
      "replay.strict", .boolean, "A request that was not recorded is an error; else it is sent.", default: "true"),
    ConfigKey("fallbacks", .array, "Models to try after this one, in order.", elements: .string, in: .request),
    ConfigKey("metadata", .object, "The caller's own notes on the request.", in: .request),
    ConfigKey("tls", .object, "Certificates. Verification is always on."),
    ConfigKey("tls.ca_file", .string, "A PEM file of certificate authorities in place of the system's."),
    ConfigKey("tls.ca_path", .string, "A directory of certificate authorities in place of the system's."),
    ConfigKey("tls.client_cert", .string, "A PEM file with the client's certificate."),
    ConfigKey("tls.client_key", .string, "A PEM file with the client's key, where it is not beside the certificate."),
    ConfigKey("proxy", .string, "The proxy's address; an empty string for none, whatever the environment says."),
    ConfigKey("unix_socket", .string, "The path of a unix socket to connect to in place of TCP."),
    ConfigKey("http_version", .string, "The HTTP version.", default: "\"auto\"", words: "auto|1.1|2"),
    ConfigKey("limits", .object, "Bounds on what the service sends."),
    ConfigKey("limits.max_response_bytes", .integer, "A whole response.", default: "268435456", bounds: .size),
    ConfigKey("limits.max_event_bytes", .integer, "One event of a stream.", default: "16777216", bounds: .size),
    ConfigKey(
      "limits.max_tool_calls", .integer, "Tool calls in one answer.", default: "1024",
      bounds: ConfigBounds(1, 1_000_000)),
    ConfigKey(
      "catalog", .stringOrArray, "A file, or files, of models and providers of your own.", elements: .string),
    ConfigKey(
      "region", .string, "The region of the service.", variables: "AWS_REGION AWS_DEFAULT_REGION",
      for: .awsOrPlaceholder),
    ConfigKey(
      "access_key_id", .string, "AWS credentials: the key's id.", variables: "AWS_ACCESS_KEY_ID", for: .aws),
    ConfigKey(
      "secret_access_key", .string, "AWS credentials: the key.", variables: "AWS_SECRET_ACCESS_KEY", for: .aws,
      secret: true),
    ConfigKey(
      "session_token", .string, "AWS credentials: the session's token.", variables: "AWS_SESSION_TOKEN", for: .aws,
      secret: true),
    ConfigKey(
      "project", .string, "The Google Cloud project.", variables: "GOOGLE_CLOUD_PROJECT", for: .vertexOrPlaceholder),
    ConfigKey(
      "location", .string, "The Google Cloud location.", default: "\"global\"", variables: "GOOGLE_CLOUD_LOCATION",
      for: .vertexOrPlaceholder),
    ConfigKey(
      "resource", .string, "The name of the Azure resource.", variables: "AZURE_RESOURCE_NAME",
      for: .azureOrPlaceholder),
    ConfigKey(
      "deployment", .string, "The Azure deployment, where it is not called as the model.", for: .azureOrPlaceholder),
    ConfigKey(
      "api_version", .string, "Azure's `api-version`; without it the v1 address is used.",
      variables: "AZURE_OPENAI_API_VERSION OPENAI_API_VERSION", for: .azure),
    ConfigKey(
      "account_id", .string, "The account, where it is part of the address.", variables: "CLOUDFLARE_ACCOUNT_ID",
      for: .placeholder),
    ConfigKey("host", .string, "The host, where each customer has one.", for: .placeholder),
    ConfigKey("organization", .string, "The OpenAI organization that pays.", for: .openAI),
    ConfigKey(
      "anthropic_version", .string, "The version of Anthropic's interface.", default: "\"2023-06-01\"", for: .anthropic),
    ConfigKey(
      "beta", .stringOrArray, "Names of Anthropic's trials to take part in.", elements: .string, for: .anthropic),
    ConfigKey("guardrail", .object, "Bedrock's `guardrailConfig` for every request.", for: .aws),
    ConfigKey("models", .array, "The targets: several of one name are a group.", elements: .object, for: .router),
    ConfigKey("models.name", .string, "What requests give as their `model`. Required.", for: .router),
    ConfigKey(
      "models.provider", .stringOrObject, "A provider's configuration, or the name of one in `providers`. Required.",
      for: .router),
    ConfigKey(
      "models.model", .string, "What the provider is asked for; without it the provider's own `model`.", for: .router),
    ConfigKey(
      "models.weight", .integer, "Its share of the calls, for `weighted`.", default: "1",
      bounds: ConfigBounds(0, 1_000_000), for: .router),
    ConfigKey(
      "providers", .object, "Configurations by name, for several models to share with their limits.",
      elements: .object, for: .router),
    ConfigKey(
      "strategy", .string, "How a target is chosen within a group.", default: "\"fallback\"",
      words: "fallback|round_robin|weighted|least_busy|lowest_latency|lowest_cost", for: .router),
    ConfigKey(
      "fallbacks", .object,
      "For each group, where its calls go on when all its targets have failed: names, or `{\"on\":code,\"to\":name}`.",
      elements: .array, for: .router),
    ConfigKey(
      "cooldown_ms", .integer, "How long a target that failed is asked only where nobody else is left.",
      default: "5000", bounds: .time, for: .router),
    ConfigKey("hedge", .object, "Ask a second target where the first is slow; the first content wins.", for: .router),
    ConfigKey(
      "hedge.after_ms", .integer, "How slow; without it, the target's own 95th percentile.", bounds: .time,
      for: .router),
    ConfigKey(
      "plugins", .array, "Plugins to load first, by their absolute paths.", elements: .string, for: .router),
    ConfigKey("file", .string, "The absolute path of a file that holds all the other keys.", for: .router),
    ConfigKey("mock", .object, "What the mock answers.", for: .mock),
    ConfigKey(
      "mock.responses", .array, "The answers, in order: texts, or objects. Without them the mock echoes.", for: .mock),
    ConfigKey(
      "mock.chunk_size", .integer, "Bytes of text in each piece of a stream.", default: "4",
      bounds: ConfigBounds(1, 1 << 20),
      for: .mock),
    ConfigKey("mock.delay_ms", .integer, "The pause between two pieces.", default: "0", bounds: .time, for: .mock),
    ConfigKey(
      "mock.first_delay_ms", .integer, "The pause before the first piece.", default: "0", bounds: .time, for: .mock),
    ConfigKey("mock.loop", .boolean, "Start over after the last answer.", default: "true", for: .mock),
  ]
}

extension ConfigSchema {
  /// The row of a member of an object ("" for the document itself).
  static func key(named name: String, in section: StaticText, at place: ConfigPlaces) -> ConfigKey? {
    var name = name
    return name.withUTF8 { bytes in
      for key in keys where key.places.contains(place) && key.matches(bytes, in: section) { return key }
      return nil
    }
  }

  /// The rows of an object's members.
  static func members(of section: StaticText, at place: ConfigPlaces) -> [ConfigKey] {
    keys.filter { $0.places.contains(place) && $0.isMember(of: section) }
  }

  /// Whether an object has rows of its own.
  static func hasMembers(_ section: StaticText) -> Bool {
    for key in keys where key.isMember(of: section) { return true }
    return false
  }
}

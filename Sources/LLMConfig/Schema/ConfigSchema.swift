import LLMCore

/// The table of all keys: what a configuration and a request's `llm` object may say.
public enum ConfigSchema {
  /// The rows: an object's own row stands before those of its members.
  public static let keys: [ConfigKey] = ConfigKey.rows(of: rows)

  /// The rows as text, since values for them would take four times the bytes. A row has three columns, each with a NUL
  /// behind it so that it is a text where it lies:
  ///
  /// 1. the key, behind the key of the object it stands in and a dot;
  /// 2. the JSON types it takes, with bars between, and options:
  ///    `of=` the types of a list's elements, or of the members of an object without rows of its own;
  ///    `default=` what counts where it is missing, as JSON without blanks;
  ///    `bounds=` the smallest and the largest number, or a name of `ConfigBounds`;
  ///    `words=` the words it takes, with bars between;
  ///    `env=` variables that stand in for it, the first that is set wins, with commas between;
  ///    `in=` `both` or `request`, where it may stand; in a configuration where left out;
  ///    `for=` words of `ConfigScope`, the types it is for; all where left out;
  ///    `secret`: no document and no message may show it;
  /// 3. what it does, for people.
  ///
  /// A backslash joins a row's lines. Every word is checked by a test.
  private static let rows: StaticString = """
    type\0string\0The provider: a name from docs/providers.md, `auto` or `router`. Required.\0
    name\0string\0What documents, logs and events call it; the type where it is missing.\0
    api_key\0string secret\0The key. Without it the type's own environment variables are asked.\0
    api_key_env\0string\0The environment variable that holds the key, in place of the type's own.\0
    base_url\0string\0\
      Where the service is, in place of the type's own address. \
    The environment's key goes there too, unless that is this machine.\0
    base_url_env\0string\0The environment variable that holds the address.\0
    model\0string\0The model where a request names none.\0
    bypass_model\0boolean default=false\0Use `model` whatever a request names.\0
    headers\0object of=string\0Header fields for every request.\0
    extra_body\0object in=both\0Members laid over the body of every request.\0
    extra_headers\0object of=string in=request\0Header fields for this request.\0
    dialect\0string default="openai-chat" for=custom \
    words=openai-chat|openai-responses|openai-completions|anthropic-messages|gemini-generate|ollama-chat|\
    cohere-chat|bedrock-converse|mock\0The wire format of a service of your own.\0
    api\0string words=chat|responses|completions for=openai\0\
      Which of OpenAI's interfaces to use; without it the model decides.\0
    auth\0string|object words=bearer|none\0How the key is shown: one of the words, or an object that names the place.\0
    auth.header\0string\0The header field that carries the key.\0
    auth.prefix\0string default=""\0What stands before the key in that field, such as `Api-Key `.\0
    auth.query\0string\0The query parameter that carries the key.\0
    paths\0object\0Addresses of operations below the base URL, where they are not the usual ones.\0
    paths.chat\0string\0Generation.\0
    paths.embeddings\0string\0Embeddings.\0
    paths.models\0string\0The list of models.\0
    paths.rerank\0string\0Rankings of documents.\0
    quirks\0array of=string\0\
      Departures from the wire format, added to the type's own; `!` before a name takes one away.\0
    strict\0boolean default=false in=both\0Make what the service cannot take an error, not a warning.\0
    estimate_usage\0boolean default=false in=both\0\
      Estimate the tokens where the service counts none; they are marked `estimated`.\0
    models_ttl_s\0integer default=3600 bounds=0..31536000\0\
      How long a service's list and descriptions of models are kept; 0 asks each time.\0
    raw\0boolean default=false in=request\0Deliver what the service sent as RAW events too.\0
    allow_http\0boolean default=false\0Allow a key to travel over plain http to another machine.\0
    timeout\0object in=both\0Bounds in time; 0 for none.\0
    timeout.connect_ms\0integer default=10000 bounds=time in=both\0Name, TCP and TLS together.\0
    timeout.first_token_ms\0integer default=120000 bounds=time in=both\0From sending to the first content.\0
    timeout.idle_ms\0integer default=60000 bounds=time in=both\0Between two pieces of an answer.\0
    timeout.total_ms\0integer default=0 bounds=time in=both\0The whole call, retries included.\0
    retry\0object in=both\0What happens after a failure that may pass.\0
    retry.attempts\0integer default=3 bounds=1..100 in=both\0How often a request is sent at most.\0
    retry.delay_ms\0integer default=500 bounds=time in=both\0The first pause; each further one is twice as long.\0
    retry.max_delay_ms\0integer default=20000 bounds=time in=both\0The longest pause.\0
    retry.jitter\0boolean default=true in=both\0Draw each pause at random below its bound.\0
    retry.respect_retry_after\0boolean default=true in=both\0Wait as long as the service asks.\0
    retry.after_content\0boolean default=false in=both\0\
      Try again even after content was delivered; a RETRY event says so.\0
    retry.budget\0integer default=20 bounds=0..10000 in=both\0\
      Retries of all calls together at most, in percent of the calls, beyond ten.\0
    rate_limit\0object\0\
      Bounds on what is sent; calls beyond them wait. `{}` only heeds the limits that the service tells of.\0
    rate_limit.requests_per_minute\0integer bounds=amount\0Requests in any window.\0
    rate_limit.tokens_per_minute\0integer bounds=amount\0\
      Tokens in any window: estimated before a request is sent, corrected by what the service counted.\0
    rate_limit.concurrency\0integer bounds=amount\0Requests at the same time.\0
    rate_limit.queue\0integer default=1000 bounds=0..1000000\0How many calls may wait; more are refused.\0
    rate_limit.queue_timeout_ms\0integer default=120000 bounds=time\0\
      How long a call may wait before it is refused; 0 for no bound.\0
    rate_limit.window_ms\0integer default=60000 bounds=100..86400000\0\
      The length of the window that the limits are for, where it is no minute.\0
    rate_limit.lease_ms\0integer default=300000 bounds=100..86400000\0\
      With a shared store: after how long without a sign of life the slots of a process that died are free again.\0
    priority\0integer default=0 in=request\0Higher goes first where calls wait for a limit.\0
    breaker\0object\0Refuses calls at once while the service fails. Off unless given; `{}` is on, with the defaults.\0
    breaker.failures\0integer default=5 bounds=1..1000000\0So many failures of the service in a row open it.\0
    breaker.window_ms\0integer default=60000 bounds=1..2147483647\0\
      Failures that are further apart than this are not in a row.\0
    breaker.open_ms\0integer default=30000 bounds=1..2147483647\0How long it stays open.\0
    breaker.half_open\0integer default=1 bounds=1..1000\0\
      So many calls are let through then, and must succeed for it to close.\0
    budget\0object\0\
      What may be spent. A call that would pass it is refused before it is sent; models without a known price cost 0.\0
    budget.usd\0number bounds=0..1000000000\0US dollars.\0
    budget.per\0string default="month" words=hour|day|month|total\0The time it is for, by the calendar in UTC.\0
    budget.scope\0string default="provider" words=provider|key\0\
      Who shares it: all that bear the `name`, or all that use the key.\0
    store\0object\0Where the state of limits, breaker, budget and cache is kept; without it, in the handle alone.\0
    store.type\0string default="memory"\0`memory`, `file`, or a type that was registered, with keys of its own.\0
    store.name\0string\0Of a `memory`: handles of the process that give the same name share it.\0
    store.path\0string\0Of a `file`: processes of the machine that give the same path share it.\0
    cache\0boolean|object in=both\0\
      Answers are kept and played when the same request comes again (docs/cache.md); `false` for none.\0
    cache.type\0string default="memory" words=memory|disk|store\0Where answers are kept.\0
    cache.path\0string\0The directory of a cache on disk; it is made where it is missing.\0
    cache.max_bytes\0integer default=67108864 bounds=size\0What all answers may take; in a store, what one may.\0
    cache.shared\0boolean default=false\0\
      Share answers between providers, addresses and keys whose requests are the same.\0
    cache.ttl_s\0integer default=3600 bounds=seconds in=both\0How long an answer is good.\0
    cache.namespace\0string default="" in=both\0Requests are compared within it; tenants, versions of a prompt.\0
    cache.no_cache\0boolean default=false in=request\0Ask the service, whatever is cached; the answer is kept.\0
    cache.no_store\0boolean default=false in=request\0Do not keep the answer.\0
    cache.max_age_s\0integer bounds=0..315360000 in=request\0How old a cached answer may be.\0
    record\0string\0A directory to which every exchange is written, without secrets (docs/testing.md).\0
    replay\0string|object\0\
      A directory of recordings that are played in the place of the service; no key is needed (docs/testing.md).\0
    replay.dir\0string\0The directory, where `replay` is an object. Required.\0
    replay.timing\0boolean default=false\0Answers take the time that they took.\0
    replay.strict\0boolean default=true\0A request that was not recorded is an error; else it is sent.\0
    fallbacks\0array of=string in=request\0Models to try after this one, in order.\0
    metadata\0object in=request\0The caller's own notes on the request.\0
    tls\0object\0Certificates. Verification is always on.\0
    tls.ca_file\0string\0A PEM file of certificate authorities in place of the system's.\0
    tls.ca_path\0string\0A directory of certificate authorities in place of the system's.\0
    tls.client_cert\0string\0A PEM file with the client's certificate.\0
    tls.client_key\0string\0A PEM file with the client's key, where it is not beside the certificate.\0
    proxy\0string\0\
      The proxy's address; an empty string for none, whatever the environment says. \
    Without it the environment's are asked, but not for this machine.\0
    unix_socket\0string\0The path of a unix socket to connect to in place of TCP.\0
    http_version\0string default="auto" words=auto|1.1|2\0The HTTP version.\0
    limits\0object\0Bounds on what the service sends.\0
    limits.max_response_bytes\0integer default=268435456 bounds=size\0A whole response.\0
    limits.max_event_bytes\0integer default=16777216 bounds=size\0One event of a stream.\0
    limits.max_tool_calls\0integer default=1024 bounds=1..1000000\0Tool calls in one answer.\0
    catalog\0string|array of=string\0A file, or files, of models and providers of your own.\0
    region\0string env=AWS_REGION,AWS_DEFAULT_REGION for=aws,placeholder\0The region of the service.\0
    access_key_id\0string env=AWS_ACCESS_KEY_ID for=aws\0AWS credentials: the key's id.\0
    secret_access_key\0string env=AWS_SECRET_ACCESS_KEY for=aws secret\0AWS credentials: the key.\0
    session_token\0string env=AWS_SESSION_TOKEN for=aws secret\0AWS credentials: the session's token.\0
    project\0string env=GOOGLE_CLOUD_PROJECT for=vertex,placeholder\0The Google Cloud project.\0
    location\0string default="global" env=GOOGLE_CLOUD_LOCATION for=vertex,placeholder\0The Google Cloud location.\0
    resource\0string env=AZURE_RESOURCE_NAME for=azure,placeholder\0The name of the Azure resource.\0
    deployment\0string for=azure,placeholder\0The Azure deployment, where it is not called as the model.\0
    api_version\0string env=AZURE_OPENAI_API_VERSION,OPENAI_API_VERSION for=azure\0\
      Azure's `api-version`; without it the v1 address is used.\0
    account_id\0string env=CLOUDFLARE_ACCOUNT_ID for=placeholder\0The account, where it is part of the address.\0
    host\0string for=placeholder\0The host, where each customer has one.\0
    organization\0string for=openai\0The OpenAI organization that pays.\0
    anthropic_version\0string default="2023-06-01" for=anthropic\0The version of Anthropic's interface.\0
    beta\0string|array of=string for=anthropic\0Names of Anthropic's trials to take part in.\0
    guardrail\0object for=aws\0Bedrock's `guardrailConfig` for every request.\0
    models\0array of=object for=router\0The targets: several of one name are a group.\0
    models.name\0string for=router\0What requests give as their `model`. Required.\0
    models.provider\0string|object for=router\0\
      A provider's configuration, or the name of one in `providers`. Required.\0
    models.model\0string for=router\0What the provider is asked for; without it the provider's own `model`.\0
    models.weight\0integer default=1 bounds=0..1000000 for=router\0Its share of the calls, for `weighted`.\0
    providers\0object of=object for=router\0Configurations by name, for several models to share with their limits.\0
    strategy\0string default="fallback" \
    words=fallback|round_robin|weighted|least_busy|lowest_latency|lowest_cost for=router\0\
      How a target is chosen within a group.\0
    fallbacks\0object of=array for=router\0\
      For each group, where its calls go on when all its targets have failed: names, or `{"on":code,"to":name}`.\0
    cooldown_ms\0integer default=5000 bounds=time for=router\0\
      How long a target that failed is asked only where nobody else is left.\0
    hedge\0object for=router\0Ask a second target where the first is slow; the first content wins.\0
    hedge.after_ms\0integer bounds=time for=router\0How slow; without it, the target's own 95th percentile.\0
    plugins\0array of=string for=router\0Plugins to load first, by their absolute paths.\0
    file\0string for=router\0The absolute path of a file that holds all the other keys.\0
    mock\0object for=mock\0What the mock answers.\0
    mock.responses\0array for=mock\0The answers, in order: texts, or objects. Without them the mock echoes.\0
    mock.chunk_size\0integer default=4 bounds=1..1048576 for=mock\0Bytes of text in each piece of a stream.\0
    mock.delay_ms\0integer default=0 bounds=time for=mock\0The pause between two pieces.\0
    mock.first_delay_ms\0integer default=0 bounds=time for=mock\0The pause before the first piece.\0
    mock.loop\0boolean default=true for=mock\0Start over after the last answer.\0
    """
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

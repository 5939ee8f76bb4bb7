import LLMCore

/// The providers built in. A new service that speaks a known wire format is one row here; the rows stand by name.
public enum Providers {
  /// Other names by which people know them, those of LiteLLM's price map among them.
  public static let aliases: [(alias: StaticString, provider: StaticString)] = [
    ("aiml", "aimlapi"), ("amazon-bedrock", "bedrock"), ("amazon_nova", "amazon-nova"), ("ark", "volcengine"),
    ("aws", "bedrock"), ("azure-openai", "azure"), ("azure_openai", "azure"), ("bedrock_converse", "bedrock"),
    ("bigmodel", "zhipu"), ("claude", "anthropic"), ("cohere_chat", "cohere"), ("custom", "openai-compatible"),
    ("dashscope", "alibaba"), ("deepseek-ai", "deepseek"), ("docker_model_runner", "docker"),
    ("doubao", "volcengine"), ("featherless_ai", "featherless"), ("fireworks-ai", "fireworks"),
    ("fireworks_ai", "fireworks"), ("friendliai", "friendli"), ("github-models", "github"),
    ("github_models", "github"), ("glm", "zai"), ("google", "gemini"), ("google-ai-studio", "gemini"),
    ("google-vertex", "vertex"), ("gradient_ai", "digitalocean"), ("grok", "xai"), ("hf", "huggingface"),
    ("jina_ai", "jina"), ("kimi", "moonshot"), ("lambda_ai", "lambda"), ("litellm_proxy", "litellm"),
    ("llama-cpp", "llamacpp"), ("llama.cpp", "llamacpp"), ("lm-studio", "lmstudio"), ("lm_studio", "lmstudio"),
    ("meta_llama", "llama"), ("minimaxai", "minimax"), ("mistralai", "mistral"), ("moonshotai", "moonshot"),
    ("nano-gpt", "nanogpt"), ("nim", "nvidia"), ("novita-ai", "novita"), ("nvidia_nim", "nvidia"),
    ("openai-like", "openai-compatible"), ("openai_compatible", "openai-compatible"), ("ovh", "ovhcloud"),
    ("perplexity-ai", "perplexity"), ("qwen", "alibaba"), ("together_ai", "together"), ("togetherai", "together"),
    ("vercel_ai_gateway", "vercel"), ("vertex-ai", "vertex"), ("vertex_ai", "vertex"),
    ("vertex_ai-language-models", "vertex"), ("voyageai", "voyage"), ("workers-ai", "cloudflare"), ("x-ai", "xai"),
    ("x.ai", "xai"), ("xiaomi_mimo", "xiaomi"), ("z-ai", "zai"), ("z.ai", "zai"), ("zai-org", "zai"),
    ("zhipuai", "zhipu"),
  ]

  /// The rows.
  public static let rows: [ProviderProfile] = [
    ProviderProfile(
      "abacus", "Abacus", "RouteLLM: many services behind one key.", baseURL: "https://routellm.abacus.ai/v1",
      keys: ["ABACUS_API_KEY"], quirks: .compatible, capabilities: .hosted, defaultModel: "route-llm"),
    ProviderProfile(
      "abliteration", "abliteration.ai", baseURL: "https://api.abliteration.ai/v1",
      keys: ["ABLIT_KEY", "ABLITERATION_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "ai21", "AI21", "Jamba.", baseURL: "https://api.ai21.com/studio/v1", keys: ["AI21_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noJSONSchema, .noLogprobs, .noPenalties, .noSeed, .noUser],
      capabilities: .jsonOnly.subtracting(.modelList), defaultModel: "jamba-mini"),
    ProviderProfile(
      "aihubmix", "AIHubMix", "Many services behind one key.", baseURL: "https://aihubmix.com/v1",
      keys: ["AIHUBMIX_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "aimlapi", "AI/ML API", "Many services behind one key.", baseURL: "https://api.aimlapi.com/v1",
      keys: ["AIML_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "alibaba", "Alibaba Model Studio", "Qwen.",
      baseURL: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", keys: ["DASHSCOPE_API_KEY"],
      quirks: .compatible, capabilities: .openModels.union(.promptCache), defaultModel: "qwen-flash",
      baseURLVariables: ["DASHSCOPE_BASE_URL"]),
    ProviderProfile(
      "alibaba-cn", "Alibaba Model Studio (China)", "Qwen.",
      baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1", keys: ["DASHSCOPE_API_KEY"],
      quirks: .compatible, capabilities: .openModels.union(.promptCache), defaultModel: "qwen-flash"),
    ProviderProfile(
      "amazon-nova", "Amazon Nova", "Nova without an AWS account.", baseURL: "https://api.nova.amazon.com/v1",
      keys: ["NOVA_API_KEY", "AMAZON_NOVA_API_KEY"], quirks: .compatible,
      capabilities: .hosted.subtracting(.reasoning)),
    ProviderProfile(
      "ambient", "Ambient", baseURL: "https://api.ambient.xyz/v1", keys: ["AMBIENT_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "anthropic", "Anthropic", "Claude, in its own Messages format.", dialect: .anthropicMessages,
      baseURL: "https://api.anthropic.com", keys: ["ANTHROPIC_API_KEY"], auth: .header("x-api-key"),
      capabilities: .anthropic, defaultModel: "claude-haiku-4-5", baseURLVariables: ["ANTHROPIC_BASE_URL"]),
    ProviderProfile(
      "anyscale", "Anyscale", "Services of your own on Anyscale.", baseURL: "", keys: ["ANYSCALE_API_KEY"],
      quirks: .compatible, baseURLVariables: ["ANYSCALE_BASE_URL"]),
    ProviderProfile(
      "apertis", "Apertis", "Many services behind one key.", baseURL: "https://api.stima.tech/v1",
      keys: ["STIMA_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "assemblyai", "AssemblyAI LLM Gateway", baseURL: "https://llm-gateway.assemblyai.com/v1",
      keys: ["ASSEMBLYAI_API_KEY"], auth: .header("Authorization"), quirks: .compatible),
    ProviderProfile(
      "azure", "Azure OpenAI", "OpenAI's models in Microsoft's cloud; by deployment, or by the v1 address.",
      baseURL: "https://{resource}.openai.azure.com", keys: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
      auth: .header("api-key"), quirks: [.maxCompletionTokens, .azurePaths], capabilities: .openAI,
      baseURLVariables: ["AZURE_OPENAI_ENDPOINT"]),
    ProviderProfile(
      "baichuan", "Baichuan", baseURL: "https://api.baichuan-ai.com/v1", keys: ["BAICHUAN_API_KEY"],
      quirks: .compatible, defaultModel: "Baichuan4-Turbo"),
    ProviderProfile(
      "baidu", "Baidu Qianfan", "ERNIE.", baseURL: "https://qianfan.baidubce.com/v2", keys: ["QIANFAN_API_KEY"],
      quirks: .compatible, capabilities: .openModels, defaultModel: "ernie-4.5-turbo-128k"),
    ProviderProfile(
      "baseten", "Baseten", "Open models.", baseURL: "https://inference.baseten.co/v1", keys: ["BASETEN_API_KEY"],
      quirks: .compatible, capabilities: .hosted, defaultModel: "openai/gpt-oss-120b"),
    ProviderProfile(
      "bedrock", "Amazon Bedrock", "Models of many makers through AWS's Converse format.",
      dialect: .bedrockConverse, baseURL: "https://bedrock-runtime.{region}.amazonaws.com",
      keys: ["AWS_BEARER_TOKEN_BEDROCK"], auth: .sigV4(service: "bedrock"), capabilities: .bedrock,
      defaultModel: "us.amazon.nova-lite-v1:0", baseURLVariables: ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"]),
    ProviderProfile(
      "berget", "Berget AI", "Open models in Sweden.", baseURL: "https://api.berget.ai/v1",
      keys: ["BERGET_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "byteplus", "BytePlus ModelArk", "Seed and others.",
      baseURL: "https://ark.ap-southeast.bytepluses.com/api/v3", keys: ["ARK_API_KEY"], quirks: .compatible,
      capabilities: .openModels),
    ProviderProfile(
      "cerebras", "Cerebras", "Open models on Cerebras's own chips.", baseURL: "https://api.cerebras.ai/v1",
      keys: ["CEREBRAS_API_KEY"], quirks: [.maxCompletionTokens, .noDeveloperRole, .noPenalties],
      capabilities: .hosted.subtracting(.vision), defaultModel: "gpt-oss-120b"),
    ProviderProfile(
      "chutes", "Chutes", "Open models on a decentralized network.", baseURL: "https://llm.chutes.ai/v1",
      keys: ["CHUTES_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "clarifai", "Clarifai", baseURL: "https://api.clarifai.com/v2/ext/openai/v1",
      keys: ["CLARIFAI_PAT", "CLARIFAI_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "cloudferro", "CloudFerro Sherlock", "Open models in Poland.",
      baseURL: "https://api-sherlock.cloudferro.com/openai/v1", keys: ["CLOUDFERRO_SHERLOCK_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "cloudflare", "Cloudflare Workers AI", "Open models at Cloudflare's edge.",
      baseURL: "https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1",
      keys: ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"], quirks: .compatible,
      capabilities: .openModels.subtracting(.modelList), defaultModel: "@cf/openai/gpt-oss-20b"),
    ProviderProfile(
      "codestral", "Codestral", "Mistral's service for code, with filling in the middle.",
      baseURL: "https://codestral.mistral.ai/v1", keys: ["CODESTRAL_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .randomSeed, .toolChoiceAny, .shortToolIDs, .noStreamOptions, .noLogprobs,
        .noUser,
      ],
      defaultModel: "codestral-latest"),
    ProviderProfile(
      "cohere", "Cohere", "Command and Embed, in the v2 format.", dialect: .cohereChat,
      baseURL: "https://api.cohere.com", keys: ["COHERE_API_KEY", "CO_API_KEY"], capabilities: .cohere,
      defaultModel: "command-a-03-2025", baseURLVariables: ["CO_API_URL"]),
    ProviderProfile(
      "cometapi", "CometAPI", "Many services behind one key.", baseURL: "https://api.cometapi.com/v1",
      keys: ["COMETAPI_API_KEY", "COMETAPI_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "compactifai", "CompactifAI", "Compressed open models.", baseURL: "https://api.compactif.ai/v1",
      keys: ["COMPACTIFAI_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "cortecs", "Cortecs", "European services behind one key.", baseURL: "https://api.cortecs.ai/v1",
      keys: ["CORTECS_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "crof", "CrofAI", "Open models.", baseURL: "https://crof.ai/v1", keys: ["CROF_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "crusoe", "Crusoe", "Open models.", baseURL: "https://managed-inference-api-proxy.crusoecloud.com/v1",
      keys: ["CRUSOE_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "databricks", "Databricks", "Model serving of a Databricks workspace.",
      baseURL: "https://{host}/serving-endpoints", keys: ["DATABRICKS_TOKEN"], quirks: .compatible,
      capabilities: .openModels, baseURLVariables: ["DATABRICKS_HOST"]),
    ProviderProfile(
      "deepinfra", "DeepInfra", "Open models.", baseURL: "https://api.deepinfra.com/v1/openai",
      keys: ["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"], quirks: .compatible, capabilities: .openModels,
      defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "deepseek", "DeepSeek", "DeepSeek's own models.", baseURL: "https://api.deepseek.com/v1",
      keys: ["DEEPSEEK_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noJSONSchema, .singleChoice, .reasoningContentBack],
      capabilities: .jsonOnly.union([.reasoning, .promptCache, .logprobs]), defaultModel: "deepseek-v4-flash"),
    ProviderProfile(
      "digitalocean", "DigitalOcean Gradient", baseURL: "https://inference.do-ai.run/v1",
      keys: ["DIGITALOCEAN_INFERENCE_KEY", "DIGITALOCEAN_ACCESS_TOKEN", "GRADIENT_AI_API_KEY"],
      quirks: .compatible, capabilities: .hosted, defaultModel: "openai-gpt-oss-20b"),
    ProviderProfile(
      "dinference", "DInference", "Open models.", baseURL: "https://api.dinference.com/v1",
      keys: ["DINFERENCE_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "docker", "Docker Model Runner", "Models run by Docker Desktop or Docker Engine.",
      baseURL: "http://127.0.0.1:12434/engines/v1", quirks: .local, capabilities: .localServer),
    ProviderProfile(
      "evroc", "evroc", "Open models in Europe.", baseURL: "https://models.think.evroc.com/v1",
      keys: ["EVROC_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "fastrouter", "FastRouter", "Many services behind one key.", baseURL: "https://go.fastrouter.ai/api/v1",
      keys: ["FASTROUTER_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "featherless", "Featherless AI", "Thousands of open models.", baseURL: "https://api.featherless.ai/v1",
      keys: ["FEATHERLESS_API_KEY", "FEATHERLESS_AI_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "fireworks", "Fireworks AI", "Open models.", baseURL: "https://api.fireworks.ai/inference/v1",
      keys: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"], quirks: .compatible, capabilities: .openModels,
      defaultModel: "accounts/fireworks/models/gpt-oss-20b"),
    ProviderProfile(
      "friendli", "FriendliAI", "Open models.", baseURL: "https://api.friendli.ai/serverless/v1",
      keys: ["FRIENDLI_TOKEN"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "gemini", "Google Gemini", "Gemini through Google AI Studio, in its own format.", dialect: .geminiGenerate,
      baseURL: "https://generativelanguage.googleapis.com/v1beta", keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
      auth: .header("x-goog-api-key"), capabilities: .gemini, defaultModel: "gemini-2.5-flash",
      baseURLVariables: ["GOOGLE_GEMINI_BASE_URL"]),
    ProviderProfile(
      "github", "GitHub Models", "Models to try out with a GitHub token.",
      baseURL: "https://models.github.ai/inference", keys: ["GITHUB_TOKEN", "GITHUB_API_KEY"], quirks: .compatible,
      capabilities: .openModels.subtracting(.modelList), defaultModel: "openai/gpt-4.1-mini"),
    ProviderProfile(
      "gmi", "GMI Cloud", "Open models.", baseURL: "https://api.gmi-serving.com/v1",
      keys: ["GMI_API_KEY", "GMICLOUD_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "gpt4all", "GPT4All", "The server of the GPT4All application.", baseURL: "http://127.0.0.1:4891/v1",
      quirks: .local, capabilities: .localServer),
    ProviderProfile(
      "groq", "Groq", "Open models on Groq's own chips.", baseURL: "https://api.groq.com/openai/v1",
      keys: ["GROQ_API_KEY"], quirks: [.maxCompletionTokens, .noDeveloperRole, .noLogprobs, .singleChoice],
      capabilities: .hosted, defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "helicone", "Helicone", "Many services behind one key, observed.",
      baseURL: "https://ai-gateway.helicone.ai/v1", keys: ["HELICONE_API_KEY"], capabilities: .gateway),
    ProviderProfile(
      "heroku", "Heroku", "Managed inference; other regions by `base_url`.",
      baseURL: "https://us.inference.heroku.com/v1", keys: ["INFERENCE_KEY", "HEROKU_API_KEY"],
      quirks: .compatible, capabilities: .hosted, baseURLVariables: ["INFERENCE_URL"]),
    ProviderProfile(
      "hpc-ai", "HPC-AI", "Open models.", baseURL: "https://api.hpc-ai.com/inference/v1", keys: ["HPC_AI_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "huggingface", "Hugging Face", "Open models, by way of the services that host them.",
      baseURL: "https://router.huggingface.co/v1", keys: ["HF_TOKEN", "HUGGINGFACE_API_KEY"], quirks: .compatible,
      capabilities: .hosted, defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "hunyuan", "Tencent Hunyuan", baseURL: "https://api.hunyuan.cloud.tencent.com/v1", keys: ["HUNYUAN_API_KEY"],
      quirks: .compatible, capabilities: .openModels, defaultModel: "hunyuan-turbos-latest"),
    ProviderProfile(
      "hyperbolic", "Hyperbolic", "Open models.", baseURL: "https://api.hyperbolic.xyz/v1",
      keys: ["HYPERBOLIC_API_KEY"], quirks: .compatible, capabilities: .hosted,
      defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "inception", "Inception Labs", "Mercury: diffusion models.", baseURL: "https://api.inceptionlabs.ai/v1",
      keys: ["INCEPTION_API_KEY"], quirks: .compatible, defaultModel: "mercury-2"),
    ProviderProfile(
      "inceptron", "Inceptron", "Open models.", baseURL: "https://api.inceptron.io/v1",
      keys: ["INCEPTRON_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "inference-net", "Inference.net", "Open models.", baseURL: "https://api.inference.net/v1",
      keys: ["INFERENCE_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "infermatic", "Infermatic", "Open models.", baseURL: "https://api.totalgpt.ai/v1",
      keys: ["INFERMATIC_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "infinity", "Infinity", "A server for embeddings.", baseURL: "http://127.0.0.1:7997", quirks: .local,
      capabilities: .embeddingService),
    ProviderProfile(
      "io-net", "IO Intelligence", "Open models on a decentralized network.",
      baseURL: "https://api.intelligence.io.solutions/api/v1", keys: ["IOINTELLIGENCE_API_KEY"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "ionos", "IONOS AI Model Hub", "Open models in Germany.",
      baseURL: "https://openai.inference.de-txl.ionos.com/v1", keys: ["IONOS_API_KEY", "IONOS_API_TOKEN"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "jan", "Jan", "The server of the Jan application.", baseURL: "http://127.0.0.1:1337/v1", quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "jiekou", "Jiekou.AI", "Many services behind one key.", baseURL: "https://api.jiekou.ai/openai/v1",
      keys: ["JIEKOU_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "jina", "Jina AI", "Embeddings and ranking.", baseURL: "https://api.jina.ai/v1", keys: ["JINA_API_KEY"],
      quirks: .compatible, capabilities: [.embeddings, .rerank], defaultModel: "jina-embeddings-v3"),
    ProviderProfile(
      "kilo", "Kilo Gateway", "Many services behind one key.", baseURL: "https://api.kilo.ai/api/gateway",
      keys: ["KILO_API_KEY"], quirks: .compatible, capabilities: .gateway),
    ProviderProfile(
      "koboldcpp", "KoboldCpp", baseURL: "http://127.0.0.1:5001/v1", quirks: .local, capabilities: .localServer),
    ProviderProfile(
      "krutrim", "Krutrim", "Open models in India.", baseURL: "https://cloud.olakrutrim.com/v1",
      keys: ["KRUTRIM_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "lambda", "Lambda", "Open models.", baseURL: "https://api.lambda.ai/v1", keys: ["LAMBDA_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "lemonade", "Lemonade", "AMD's Lemonade server.", baseURL: "http://127.0.0.1:8000/api/v1", quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "lemonfox", "Lemonfox", baseURL: "https://api.lemonfox.ai/v1", keys: ["LEMONFOX_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "libertai", "LibertAI", "Open models on a decentralized network.", baseURL: "https://api.libertai.io/v1",
      keys: ["LIBERTAI_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "litellm", "LiteLLM Proxy", "A LiteLLM gateway of your own.", baseURL: "http://127.0.0.1:4000/v1",
      keys: ["LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"], quirks: [.keyOptional, .isLocal, .cacheControl],
      capabilities: .gateway, baseURLVariables: ["LITELLM_BASE_URL"]),
    ProviderProfile(
      "llama", "Meta Llama API", "Llama by its maker.", baseURL: "https://api.llama.com/compat/v1",
      keys: ["LLAMA_API_KEY"], quirks: .compatible, capabilities: .hosted.subtracting(.reasoning)),
    ProviderProfile(
      "llamacpp", "llama.cpp", "llama-server, also through a unix socket.", baseURL: "http://127.0.0.1:8080/v1",
      keys: ["LLAMA_API_KEY"], quirks: .local, capabilities: .localServer, defaultModel: "default"),
    ProviderProfile(
      "llamafile", "llamafile", baseURL: "http://127.0.0.1:8080/v1", quirks: .local, capabilities: .localServer,
      defaultModel: "default"),
    ProviderProfile(
      "llamagate", "LlamaGate", "Open models.", baseURL: "https://api.llamagate.dev/v1",
      keys: ["LLAMAGATE_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "llmgateway", "LLM Gateway", "Many services behind one key.", baseURL: "https://api.llmgateway.io/v1",
      keys: ["LLMGATEWAY_API_KEY"], capabilities: .gateway),
    ProviderProfile(
      "lmstudio", "LM Studio", "The server of the LM Studio application.", baseURL: "http://127.0.0.1:1234/v1",
      keys: ["LMSTUDIO_API_KEY"], quirks: .local, capabilities: .localServer),
    ProviderProfile(
      "localai", "LocalAI", baseURL: "http://127.0.0.1:8080/v1", keys: ["LOCALAI_API_KEY"], quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "longcat", "LongCat", "Meituan's models.", baseURL: "https://api.longcat.chat/openai/v1",
      keys: ["LONGCAT_API_KEY"], quirks: .compatible, defaultModel: "LongCat-2.0"),
    ProviderProfile(
      "mancer", "Mancer", baseURL: "https://neuro.mancer.tech/oai/v1", keys: ["MANCER_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "meganova", "MegaNova", "Open models.", baseURL: "https://api.meganova.ai/v1", keys: ["MEGANOVA_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "minimax", "MiniMax", baseURL: "https://api.minimax.io/v1", keys: ["MINIMAX_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noJSONSchema, .noLogprobs, .singleChoice, .thinkTags],
      capabilities: .jsonOnly.union([.reasoning, .promptCache]), defaultModel: "MiniMax-M2.5"),
    ProviderProfile(
      "minimax-cn", "MiniMax (China)", baseURL: "https://api.minimaxi.com/v1", keys: ["MINIMAX_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noJSONSchema, .noLogprobs, .singleChoice, .thinkTags],
      capabilities: .jsonOnly.union([.reasoning, .promptCache]), defaultModel: "MiniMax-M2.5"),
    ProviderProfile(
      "mistral", "Mistral AI", "Mistral, Codestral, Devstral and Magistral.", baseURL: "https://api.mistral.ai/v1",
      keys: ["MISTRAL_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .randomSeed, .toolChoiceAny, .shortToolIDs, .noStreamOptions, .noLogprobs,
        .noUser,
      ],
      capabilities: .mistral, defaultModel: "mistral-small-latest"),
    ProviderProfile(
      "mixedbread", "Mixedbread", "Embeddings and ranking.", baseURL: "https://api.mixedbread.com/v1",
      keys: ["MXBAI_API_KEY"], quirks: .compatible, capabilities: [.embeddings, .rerank],
      defaultModel: "mixedbread-ai/mxbai-embed-large-v1"),
    ProviderProfile(
      "mixlayer", "Mixlayer", "Open models.", baseURL: "https://models.mixlayer.ai/v1", keys: ["MIXLAYER_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "mlx", "MLX LM", "mlx_lm.server on Apple hardware.", baseURL: "http://127.0.0.1:8080/v1", quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "mock", "Mock", "Scripted or echoed answers, without a network.", dialect: .mock, baseURL: "", auth: .none,
      capabilities: .mock, defaultModel: "mock"),
    ProviderProfile(
      "modelscope", "ModelScope", "Open models in China.", baseURL: "https://api-inference.modelscope.cn/v1",
      keys: ["MODELSCOPE_API_KEY", "MODELSCOPE_SDK_TOKEN"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "moonshot", "Moonshot AI", "Kimi.", baseURL: "https://api.moonshot.ai/v1", keys: ["MOONSHOT_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noLogprobs, .reasoningContentBack],
      capabilities: .hosted.union([.promptCache, .tokenCount]), defaultModel: "kimi-k2.6"),
    ProviderProfile(
      "moonshot-cn", "Moonshot AI (China)", "Kimi.", baseURL: "https://api.moonshot.cn/v1",
      keys: ["MOONSHOT_CN_API_KEY", "MOONSHOT_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .noLogprobs, .reasoningContentBack],
      capabilities: .hosted.union([.promptCache, .tokenCount]), defaultModel: "kimi-k2.6"),
    ProviderProfile(
      "morph", "Morph", "Models that apply edits to code.", baseURL: "https://api.morphllm.com/v1",
      keys: ["MORPH_API_KEY"], quirks: .compatible,
      capabilities: [.streaming, .systemMessages, .modelList, .embeddings], defaultModel: "auto"),
    ProviderProfile(
      "nanogpt", "NanoGPT", "Many services behind one key.", baseURL: "https://nano-gpt.com/api/v1",
      keys: ["NANOGPT_API_KEY", "NANO_GPT_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "nearai", "NEAR AI Cloud", "Open models in confidential computing.", baseURL: "https://cloud-api.near.ai/v1",
      keys: ["NEARAI_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "nebius", "Nebius Token Factory", "Open models.", baseURL: "https://api.tokenfactory.nebius.com/v1",
      keys: ["NEBIUS_API_KEY"], quirks: .compatible, capabilities: .openModels,
      defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "neosantara", "Neosantara", "Models for Indonesia.", baseURL: "https://api.neosantara.xyz/v1",
      keys: ["NEOSANTARA_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "neuralwatt", "Neuralwatt", "Open models, billed by energy.", baseURL: "https://api.neuralwatt.com/v1",
      keys: ["NEURALWATT_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "nous", "Nous Research", "Hermes.", baseURL: "https://inference-api.nousresearch.com/v1",
      keys: ["NOUS_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "novita", "Novita AI", "Open models.", baseURL: "https://api.novita.ai/openai/v1", keys: ["NOVITA_API_KEY"],
      quirks: .compatible, capabilities: .openModels, defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "nscale", "Nscale", "Open models in Europe.", baseURL: "https://inference.api.nscale.com/v1",
      keys: ["NSCALE_API_KEY", "NSCALE_SERVICE_TOKEN"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "nvidia", "NVIDIA NIM", "Open models hosted by NVIDIA, and NIM containers at an address of your own.",
      baseURL: "https://integrate.api.nvidia.com/v1", keys: ["NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"],
      quirks: .compatible, capabilities: .openModels, defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "ollama", "Ollama", "Models on this machine, in Ollama's own format.", dialect: .ollamaChat,
      baseURL: "http://127.0.0.1:11434", keys: ["OLLAMA_API_KEY"], quirks: [.keyOptional, .isLocal],
      capabilities: .ollama, baseURLVariables: ["OLLAMA_HOST"]),
    ProviderProfile(
      "ollama-cloud", "Ollama Cloud", "Models hosted by Ollama, in its own format.", dialect: .ollamaChat,
      baseURL: "https://ollama.com", keys: ["OLLAMA_API_KEY"], capabilities: .ollama.subtracting(.embeddings),
      defaultModel: "gpt-oss:20b-cloud"),
    ProviderProfile(
      "oobabooga", "Text Generation WebUI", baseURL: "http://127.0.0.1:5000/v1", quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "openai", "OpenAI", "GPT and the o series; Chat Completions, Responses and embeddings.",
      baseURL: "https://api.openai.com/v1", keys: ["OPENAI_API_KEY"], quirks: .maxCompletionTokens,
      capabilities: .openAI, defaultModel: "gpt-5-mini", baseURLVariables: ["OPENAI_BASE_URL"]),
    ProviderProfile(
      "openai-compatible", "OpenAI-compatible service",
      "Any service that speaks a known format, at an address of your own.", baseURL: "", keys: ["OPENAI_API_KEY"],
      quirks: .keyOptional, capabilities: .compatible, baseURLVariables: ["OPENAI_BASE_URL"]),
    ProviderProfile(
      "opencode", "OpenCode Zen", "Models chosen for coding agents.", baseURL: "https://opencode.ai/zen/v1",
      keys: ["OPENCODE_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "opencode-go", "OpenCode Go", "Open models for coding agents, by subscription.",
      baseURL: "https://opencode.ai/zen/go/v1", keys: ["OPENCODE_API_KEY"], quirks: .compatible,
      capabilities: .hosted),
    ProviderProfile(
      "openrouter", "OpenRouter", "Hundreds of models of many services behind one key.",
      baseURL: "https://openrouter.ai/api/v1", keys: ["OPENROUTER_API_KEY"],
      quirks: [.reasoningObject, .reasoningDetailsBack, .cacheControl], capabilities: .gateway,
      defaultModel: "openrouter/auto", baseURLVariables: ["OPENROUTER_BASE_URL"]),
    ProviderProfile(
      "ovhcloud", "OVHcloud AI Endpoints", "Open models in Europe; a few calls without a key.",
      baseURL: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
      keys: ["OVH_AI_ENDPOINTS_ACCESS_TOKEN", "OVHCLOUD_API_KEY", "OVH_API_KEY"],
      quirks: [.maxTokens, .noDeveloperRole, .keyOptional], capabilities: .openModels,
      defaultModel: "gpt-oss-20b"),
    ProviderProfile(
      "parasail", "Parasail", "Open models.", baseURL: "https://api.parasail.io/v1", keys: ["PARASAIL_API_KEY"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "perplexity", "Perplexity", "Sonar: answers with sources from the web.",
      baseURL: "https://api.perplexity.ai", keys: ["PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .noSeed, .noLogprobs, .singleChoice, .noParallelToolCalls, .noStreamOptions,
        .noUser,
        .searchResults,
      ],
      capabilities: [.streaming, .jsonSchema, .systemMessages, .vision, .reasoning, .webSearch],
      defaultModel: "sonar"),
    ProviderProfile(
      "poe", "Poe", "The bots of Poe.", baseURL: "https://api.poe.com/v1", keys: ["POE_API_KEY"],
      quirks: .compatible, capabilities: .hosted, defaultModel: "GPT-5-mini"),
    ProviderProfile(
      "poolside", "Poolside", "Models for code.", baseURL: "https://inference.poolside.ai/v1",
      keys: ["POOLSIDE_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "portkey", "Portkey", "A gateway to many services.", baseURL: "https://api.portkey.ai/v1",
      keys: ["PORTKEY_API_KEY"], auth: .header("x-portkey-api-key"), capabilities: .gateway),
    ProviderProfile(
      "ppio", "PPIO", "Open models.", baseURL: "https://api.ppio.com/openai/v1", keys: ["PPIO_API_KEY"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "privatemode", "Privatemode", "Confidential computing, by way of its proxy on this machine.",
      baseURL: "http://127.0.0.1:8080/v1", keys: ["PRIVATEMODE_API_KEY"], quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "publicai", "Public AI", "Apertus and other public models.", baseURL: "https://api.publicai.co/v1",
      keys: ["PUBLICAI_API_KEY"], quirks: [.maxTokens, .noDeveloperRole, .flatContent]),
    ProviderProfile(
      "qiniu", "Qiniu", "Open models in China.", baseURL: "https://api.qnaigc.com/v1", keys: ["QINIU_API_KEY"],
      quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "ramalama", "RamaLama", baseURL: "http://127.0.0.1:8080/v1", quirks: .local, capabilities: .localServer,
      defaultModel: "default"),
    ProviderProfile(
      "redpill", "Phala RedPill", "Models in confidential computing.", baseURL: "https://api.redpill.ai/v1",
      keys: ["REDPILL_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "regolo", "Regolo AI", "Open models in Italy.", baseURL: "https://api.regolo.ai/v1",
      keys: ["REGOLO_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "reka", "Reka", baseURL: "https://api.reka.ai/v1", keys: ["REKA_API_KEY"], quirks: .compatible,
      capabilities: [.streaming, .systemMessages, .vision, .modelList], defaultModel: "reka-flash"),
    ProviderProfile(
      "requesty", "Requesty", "Many services behind one key.", baseURL: "https://router.requesty.ai/v1",
      keys: ["REQUESTY_API_KEY"], quirks: .cacheControl, capabilities: .gateway),
    ProviderProfile(
      "runpod", "Runpod", "Serverless endpoints of your own; `deployment` is the endpoint's id.",
      baseURL: "https://api.runpod.ai/v2/{deployment}/openai/v1", keys: ["RUNPOD_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "salad", "SaladCloud", "Open models.", baseURL: "https://ai.salad.cloud/v1", keys: ["SALAD_CLOUD_API_KEY"],
      quirks: .compatible),
    ProviderProfile(
      "sambanova", "SambaNova", "Open models on SambaNova's own chips.", baseURL: "https://api.sambanova.ai/v1",
      keys: ["SAMBANOVA_API_KEY"], quirks: [.maxTokens, .noDeveloperRole, .noLogprobs, .singleChoice],
      capabilities: .openModels, defaultModel: "gpt-oss-120b"),
    ProviderProfile(
      "sarvam", "Sarvam AI", "Models for India's languages.", baseURL: "https://api.sarvam.ai/v1",
      keys: ["SARVAM_API_KEY"], auth: .header("api-subscription-key"), quirks: .compatible,
      defaultModel: "sarvam-m"),
    ProviderProfile(
      "scaleway", "Scaleway", "Open models in Europe.", baseURL: "https://api.scaleway.ai/v1",
      keys: ["SCW_SECRET_KEY", "SCALEWAY_API_KEY"], quirks: .compatible, capabilities: .openModels,
      defaultModel: "gpt-oss-120b"),
    ProviderProfile(
      "sensenova", "SenseNova", "SenseTime's models.", baseURL: "https://api.sensenova.cn/compatible-mode/v2",
      keys: ["SENSENOVA_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "sglang", "SGLang", baseURL: "http://127.0.0.1:30000/v1", keys: ["SGLANG_API_KEY"], quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "siliconflow", "SiliconFlow", "Open models.", baseURL: "https://api.siliconflow.com/v1",
      keys: ["SILICONFLOW_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "siliconflow-cn", "SiliconFlow (China)", "Open models.", baseURL: "https://api.siliconflow.cn/v1",
      keys: ["SILICONFLOW_CN_API_KEY", "SILICONFLOW_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "snowflake", "Snowflake Cortex", "Models within a Snowflake account.",
      baseURL: "https://{host}/api/v2/cortex/v1", keys: ["SNOWFLAKE_PAT", "SNOWFLAKE_CORTEX_PAT"],
      quirks: [.maxCompletionTokens, .noDeveloperRole], capabilities: .hosted,
      baseURLVariables: ["SNOWFLAKE_HOST"]),
    ProviderProfile(
      "spark", "iFlytek Spark", baseURL: "https://spark-api-open.xf-yun.com/v1", keys: ["SPARK_API_PASSWORD"],
      quirks: .compatible, capabilities: .chatService.subtracting(.modelList), defaultModel: "generalv3.5"),
    ProviderProfile(
      "stackit", "STACKIT", "Open models in Germany.",
      baseURL: "https://api.openai-compat.model-serving.eu01.onstackit.cloud/v1", keys: ["STACKIT_API_KEY"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "stepfun", "StepFun", "Step.", baseURL: "https://api.stepfun.com/v1",
      keys: ["STEPFUN_API_KEY", "STEP_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "submodel", "submodel", "Open models.", baseURL: "https://llm.submodel.ai/v1",
      keys: ["SUBMODEL_INSTAGEN_ACCESS_KEY"], quirks: .compatible),
    ProviderProfile(
      "synthetic", "Synthetic", "Open models.", baseURL: "https://api.synthetic.new/openai/v1",
      keys: ["SYNTHETIC_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "tabbyapi", "TabbyAPI", baseURL: "http://127.0.0.1:5000/v1", keys: ["TABBY_API_KEY"], quirks: .local,
      capabilities: .localServer),
    ProviderProfile(
      "tei", "Text Embeddings Inference", "Hugging Face's server for embeddings.",
      baseURL: "http://127.0.0.1:8080/v1", keys: ["TEI_API_KEY"], quirks: .local, capabilities: [.embeddings]),
    ProviderProfile(
      "tencent", "Tencent TokenHub", baseURL: "https://tokenhub.tencentmaas.com/v1",
      keys: ["TENCENT_TOKENHUB_API_KEY", "TENCENT_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "tensormesh", "Tensormesh", "Open models.", baseURL: "https://serverless.tensormesh.ai/v1",
      keys: ["TENSORMESH_INFERENCE_API_KEY"], quirks: .compatible),
    ProviderProfile(
      "tgi", "Text Generation Inference", "Hugging Face's TGI server.", baseURL: "http://127.0.0.1:8080/v1",
      keys: ["TGI_API_KEY"], quirks: .local, capabilities: .localServer, defaultModel: "tgi"),
    ProviderProfile(
      "tinfoil", "Tinfoil", "Open models in confidential computing.", baseURL: "https://inference.tinfoil.sh/v1",
      keys: ["TINFOIL_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "together", "Together AI", "Open models.", baseURL: "https://api.together.xyz/v1",
      keys: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"], quirks: .compatible, capabilities: .openModels,
      defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "typhoon", "Typhoon", "Models for Thai.", baseURL: "https://api.opentyphoon.ai/v1",
      keys: ["TYPHOON_API_KEY"], quirks: .compatible, defaultModel: "typhoon-v2.5-30b-a3b-instruct"),
    ProviderProfile(
      "upstage", "Upstage", "Solar.", baseURL: "https://api.upstage.ai/v1", keys: ["UPSTAGE_API_KEY"],
      quirks: .compatible, capabilities: .chatService.union([.embeddings, .reasoning]),
      defaultModel: "solar-pro3"),
    ProviderProfile(
      "v0", "v0", "Vercel's model for web pages.", baseURL: "https://api.v0.dev/v1", keys: ["V0_API_KEY"],
      quirks: .compatible, capabilities: .chatService.union(.vision), defaultModel: "v0-1.5-md"),
    ProviderProfile(
      "venice", "Venice AI", "Open models, without logs.", baseURL: "https://api.venice.ai/api/v1",
      keys: ["VENICE_API_KEY", "VENICE_AI_API_KEY"], quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "vercel", "Vercel AI Gateway", "Many services behind one key.", baseURL: "https://ai-gateway.vercel.sh/v1",
      keys: ["AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY"], quirks: .cacheControl, capabilities: .gateway,
      defaultModel: "openai/gpt-5-mini"),
    ProviderProfile(
      "vertex", "Google Vertex AI", "Gemini through Google Cloud; the key is an access token.",
      dialect: .geminiGenerate, baseURL: "https://{location-}aiplatform.googleapis.com/v1",
      keys: ["VERTEX_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"], quirks: .vertexPaths,
      capabilities: .gemini.subtracting(.modelList), defaultModel: "gemini-2.5-flash"),
    ProviderProfile(
      "vllm", "vLLM", "The vLLM server.", baseURL: "http://127.0.0.1:8000/v1", keys: ["VLLM_API_KEY"],
      quirks: [.keyOptional, .isLocal], capabilities: .localServer, baseURLVariables: ["VLLM_BASE_URL"]),
    ProviderProfile(
      "volcengine", "Volcengine Ark (China)", "Doubao and others.",
      baseURL: "https://ark.cn-beijing.volces.com/api/v3", keys: ["ARK_API_KEY", "VOLCENGINE_API_KEY"],
      quirks: .compatible, capabilities: .openModels),
    ProviderProfile(
      "voyage", "Voyage AI", "Embeddings and ranking.", baseURL: "https://api.voyageai.com/v1",
      keys: ["VOYAGE_API_KEY"], quirks: .compatible, capabilities: [.embeddings, .rerank],
      defaultModel: "voyage-3.5"),
    ProviderProfile(
      "vultr", "Vultr", "Open models.", baseURL: "https://api.vultrinference.com/v1", keys: ["VULTR_API_KEY"],
      quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "wandb", "Weights & Biases", "Open models.", baseURL: "https://api.inference.wandb.ai/v1",
      keys: ["WANDB_API_KEY"], quirks: .compatible, capabilities: .hosted, defaultModel: "openai/gpt-oss-20b"),
    ProviderProfile(
      "writer", "Writer", "Palmyra.", baseURL: "https://api.writer.com/v1", keys: ["WRITER_API_KEY"],
      paths: ServicePaths(chat: "/chat"), quirks: .compatible, defaultModel: "palmyra-x5"),
    ProviderProfile(
      "xai", "xAI", "Grok.", baseURL: "https://api.x.ai/v1", keys: ["XAI_API_KEY"],
      capabilities: .hosted.union([.logprobs, .webSearch, .promptCache]), defaultModel: "grok-4.3"),
    ProviderProfile(
      "xiaomi", "Xiaomi MiMo", "MiMo.", baseURL: "https://api.xiaomimimo.com/v1",
      keys: ["XIAOMI_API_KEY", "XIAOMI_MIMO_API_KEY", "MIMO_API_KEY"], quirks: .compatible, capabilities: .hosted),
    ProviderProfile(
      "xinference", "Xinference", baseURL: "http://127.0.0.1:9997/v1", quirks: .local, capabilities: .localServer),
    ProviderProfile(
      "yi", "01.AI", "Yi.", baseURL: "https://api.lingyiwanwu.com/v1", keys: ["YI_API_KEY"], quirks: .compatible,
      defaultModel: "yi-lightning"),
    ProviderProfile(
      "zai", "Z.AI", "GLM.", baseURL: "https://api.z.ai/api/paas/v4", keys: ["ZAI_API_KEY", "ZHIPU_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .noJSONSchema, .noSeed, .noPenalties, .noLogprobs, .singleChoice,
        .reasoningContentBack,
      ],
      capabilities: .jsonOnly.union([.vision, .reasoning, .promptCache]), defaultModel: "glm-4.7-flash"),
    ProviderProfile(
      "zai-coding", "Z.AI Coding Plan", "GLM by subscription.", baseURL: "https://api.z.ai/api/coding/paas/v4",
      keys: ["ZAI_API_KEY", "ZHIPU_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .noJSONSchema, .noSeed, .noPenalties, .noLogprobs, .singleChoice,
        .reasoningContentBack,
      ],
      capabilities: .jsonOnly.union([.vision, .reasoning, .promptCache]), defaultModel: "glm-4.7"),
    ProviderProfile(
      "zenmux", "ZenMux", "Many services behind one key.", baseURL: "https://zenmux.ai/api/v1",
      keys: ["ZENMUX_API_KEY"], capabilities: .gateway),
    ProviderProfile(
      "zhipu", "Zhipu AI (China)", "GLM.", baseURL: "https://open.bigmodel.cn/api/paas/v4",
      keys: ["ZHIPUAI_API_KEY", "ZHIPU_API_KEY"],
      quirks: [
        .maxTokens, .noDeveloperRole, .noJSONSchema, .noSeed, .noPenalties, .noLogprobs, .singleChoice,
        .reasoningContentBack,
      ],
      capabilities: .jsonOnly.union([.vision, .reasoning, .promptCache, .embeddings]),
      defaultModel: "glm-4.7-flash"),
  ]
}

extension Quirks {
  /// What nearly every service that speaks OpenAI's format shares: it takes `max_tokens`, and knows no `developer`.
  fileprivate static let compatible: Quirks = [.maxTokens, .noDeveloperRole]
  /// A server on the user's machine.
  fileprivate static let local: Quirks = [.maxTokens, .noDeveloperRole, .keyOptional, .isLocal]
}

extension Capabilities {
  fileprivate static let openAI: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .vision, .audioInput, .files, .reasoning,
    .promptCache, .logprobs, .multipleChoices, .seed, .systemMessages, .webSearch, .audioOutput, .embeddings,
    .modelList,
  ]
  fileprivate static let anthropic: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonSchema, .vision, .files, .reasoning, .promptCache,
    .systemMessages, .webSearch, .modelList, .tokenCount,
  ]
  fileprivate static let gemini: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .vision, .audioInput, .files, .reasoning,
    .promptCache, .logprobs, .multipleChoices, .seed, .systemMessages, .webSearch, .imageOutput, .embeddings,
    .modelList,
    .tokenCount,
  ]
  fileprivate static let ollama: Capabilities = [
    .streaming, .tools, .parallelTools, .jsonMode, .jsonSchema, .vision, .reasoning, .seed, .systemMessages,
    .embeddings,
    .modelList,
  ]
  fileprivate static let cohere: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .vision, .reasoning, .logprobs, .seed,
    .systemMessages, .embeddings, .modelList, .rerank,
  ]
  fileprivate static let bedrock: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .vision, .files, .reasoning, .promptCache, .systemMessages,
  ]
  fileprivate static let mistral: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .vision, .audioInput, .files, .reasoning,
    .multipleChoices, .seed, .systemMessages, .embeddings, .modelList,
  ]
  fileprivate static let mock: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .vision, .audioInput, .files, .reasoning,
    .multipleChoices, .seed, .systemMessages, .embeddings, .modelList, .tokenCount,
  ]
  /// All that the format can say: what the service takes is the user's to know.
  fileprivate static let compatible: Capabilities = .openAI
  /// Chat with the abilities of today's open models.
  fileprivate static let hosted: Capabilities = .chatService.union([.vision, .reasoning, .seed])
  /// The same, with embeddings.
  fileprivate static let openModels: Capabilities = .hosted.union(.embeddings)
  /// A gateway to services that can do nearly everything.
  fileprivate static let gateway: Capabilities = .openModels.union([
    .files, .audioInput, .promptCache, .logprobs, .webSearch, .imageOutput,
  ])
  fileprivate static let localServer: Capabilities = .openModels.union(.logprobs)
  /// Chat with `json_object` and no `json_schema`.
  fileprivate static let jsonOnly: Capabilities = .chatService.subtracting(.jsonSchema)
  fileprivate static let embeddingService: Capabilities = [.embeddings, .modelList]
}

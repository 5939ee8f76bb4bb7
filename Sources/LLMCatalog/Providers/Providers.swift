import LLMConfig
import LLMCore

/// The providers built in, as text: a hundred and more rows cost no start-up and a quarter of the bytes that values
/// would. A new service that speaks a known wire format is one row here; docs/adding-a-provider.md shows it.
///
/// A row has five columns (name, label, description, base URL, key variables; `-` for none), then options:
///
/// - `can=` a group of `ProviderTable.group`, with `+capability` and `-capability` after it; `chat` where left out;
/// - `quirks=` names of `Quirks`, `usual` for `max_tokens,no_developer_role`; `usual` where left out;
/// - `dialect=` a name of `DialectKind`; `openai-chat` where left out;
/// - `auth=` `header:NAME`, `bearer:NAME` (a bearer token in that header), `query:NAME`, `aws:SERVICE` or `none`; a
///   bearer token where left out;
/// - `headers=` `NAME:VALUE` that every request carries;
/// - `chat=`, `responses=`, `embeddings=`, `models=`, `rerank=` paths that are not the dialect's own;
/// - `model=` where neither configuration nor request names one: one that two independent sources list as current;
/// - `url_env=` variables for another base URL, which `url_path=` follows where its end does not say it; `token_env=`
///   variables of a bearer token, for services whose key is shown otherwise.
///
/// The rows stand by name, and a backslash joins a row's lines. Every word is checked by a test.
enum Providers {
  static let rows: StaticString = """
    abacus | Abacus | RouteLLM: many services behind one key. | https://routellm.abacus.ai/v1 | ABACUS_API_KEY | \
      can=hosted model=route-llm
    abliteration | abliteration.ai | - | https://api.abliteration.ai/v1 | ABLIT_KEY,ABLITERATION_API_KEY
    ai21 | AI21 | Jamba. | https://api.ai21.com/studio/v1 | AI21_API_KEY | can=json-model_list \
      quirks=usual,no_json_schema,no_logprobs,no_penalties,no_seed,no_user model=jamba-mini
    aiand | ai& | Open models. | https://api.aiand.com/v1 | AIAND_API_KEY | can=hosted
    aihubmix | AIHubMix | Many services behind one key. | https://aihubmix.com/v1 | AIHUBMIX_API_KEY | can=open
    aimlapi | AI/ML API | Many services behind one key. | https://api.aimlapi.com/v1 | AIML_API_KEY | can=open
    alibaba | Alibaba Model Studio | Qwen. | https://dashscope-intl.aliyuncs.com/compatible-mode/v1 | \
      DASHSCOPE_API_KEY,ALIBABA_API_KEY | can=open+prompt_cache model=qwen-flash url_env=DASHSCOPE_BASE_URL
    alibaba-cn | Alibaba Model Studio (China) | Qwen. | https://dashscope.aliyuncs.com/compatible-mode/v1 | \
      DASHSCOPE_API_KEY,ALIBABA_API_KEY | can=open+prompt_cache model=qwen-flash
    amazon-nova | Amazon Nova | Nova without an AWS account. | https://api.nova.amazon.com/v1 | \
      NOVA_API_KEY,AMAZON_NOVA_API_KEY | can=hosted-reasoning
    ambient | Ambient | - | https://api.ambient.xyz/v1 | AMBIENT_API_KEY
    anthropic | Anthropic | Claude, in its own Messages format. | https://api.anthropic.com | ANTHROPIC_API_KEY | \
      dialect=anthropic-messages auth=header:x-api-key can=anthropic quirks= model=claude-haiku-5-5 \
      url_env=ANTHROPIC_BASE_URL token_env=ANTHROPIC_AUTH_TOKEN
    anthropic-aws | Claude Platform on AWS | Anthropic's own service by way of an AWS account; the workspace goes into \
      `headers`. | https://aws-external-anthropic.{region}.api.aws | ANTHROPIC_AWS_API_KEY | \
      dialect=anthropic-messages auth=header:x-api-key can=anthropic quirks= model=claude-haiku-5-5 \
      url_env=ANTHROPIC_AWS_BASE_URL
    anyscale | Anyscale | Services of your own on Anyscale. | - | ANYSCALE_API_KEY | url_env=ANYSCALE_BASE_URL
    apertis | Apertis | Many services behind one key. | https://api.stima.tech/v1 | STIMA_API_KEY | can=open
    arcee | Arcee AI | Trinity, and open models. | https://api.arcee.ai/api/v1 | ARCEE_API_KEY,ARCEEAI_API_KEY | \
      can=hosted model=trinity-large-thinking
    assemblyai | AssemblyAI LLM Gateway | - | https://llm-gateway.assemblyai.com/v1 | ASSEMBLYAI_API_KEY | \
      auth=header:Authorization
    azure | Azure OpenAI | OpenAI's models in Microsoft's cloud; by deployment, or by the v1 address. | \
      https://{resource}.openai.azure.com | AZURE_OPENAI_API_KEY,AZURE_API_KEY | auth=header:api-key can=openai \
      quirks=max_completion_tokens,azure_paths url_env=AZURE_OPENAI_ENDPOINT token_env=AZURE_OPENAI_AD_TOKEN
    azure-ai | Microsoft Foundry | Models of many makers in Microsoft's cloud, by deployment. | \
      https://{resource}.services.ai.azure.com | AZURE_AI_API_KEY,AZURE_COGNITIVE_SERVICES_API_KEY,AZURE_API_KEY | \
      auth=header:api-key can=open-model_list quirks=azure_paths url_env=AZURE_AI_API_BASE
    azure-anthropic | Claude in Microsoft Foundry | Claude through Azure, by deployment. | \
      https://{resource}.services.ai.azure.com/anthropic | ANTHROPIC_FOUNDRY_API_KEY,AZURE_ANTHROPIC_API_KEY | \
      dialect=anthropic-messages auth=header:x-api-key can=anthropic-model_list quirks= \
      url_env=ANTHROPIC_FOUNDRY_BASE_URL,AZURE_ANTHROPIC_API_BASE
    baichuan | Baichuan | - | https://api.baichuan-ai.com/v1 | BAICHUAN_API_KEY
    baidu | Baidu Qianfan | ERNIE. | https://qianfan.baidubce.com/v2 | QIANFAN_API_KEY | can=open
    baseten | Baseten | Open models. | https://inference.baseten.co/v1 | BASETEN_API_KEY | can=hosted \
      model=openai/gpt-oss-120b
    bedrock | Amazon Bedrock | Models of many makers through AWS's Converse format. | \
      https://bedrock-runtime.{region}.amazonaws.com | AWS_BEARER_TOKEN_BEDROCK | dialect=bedrock-converse \
      auth=aws:bedrock can=bedrock quirks= model=us.amazon.nova-lite-v1:0 url_env=AWS_ENDPOINT_URL_BEDROCK_RUNTIME
    bedrock-mantle | Amazon Bedrock, OpenAI format | Open models; GPT, Grok and Gemma 4 are at `openai/v1` of the same \
      host. | https://bedrock-mantle.{region}.api.aws/v1 | AWS_BEARER_TOKEN_BEDROCK,BEDROCK_MANTLE_API_KEY | \
      can=open-embeddings quirks= model=openai.gpt-oss-20b url_env=BEDROCK_MANTLE_API_BASE
    berget | Berget AI | Open models in Sweden. | https://api.berget.ai/v1 | BERGET_API_KEY | can=open
    byteplus | BytePlus ModelArk | Seed and others. | https://ark.ap-southeast.bytepluses.com/api/v3 | ARK_API_KEY \
      | can=open
    cerebras | Cerebras | Open models on Cerebras's own chips. | https://api.cerebras.ai/v1 | CEREBRAS_API_KEY | \
      can=hosted-vision quirks=max_completion_tokens,no_developer_role,no_penalties model=gpt-oss-120b
    chutes | Chutes | Open models on a decentralized network. | https://llm.chutes.ai/v1 | CHUTES_API_KEY | \
      can=open
    clarifai | Clarifai | - | https://api.clarifai.com/v2/ext/openai/v1 | CLARIFAI_PAT,CLARIFAI_API_KEY | \
      can=hosted
    cloudferro | CloudFerro Sherlock | Open models in Poland. | https://api-sherlock.cloudferro.com/openai/v1 | \
      CLOUDFERRO_SHERLOCK_API_KEY
    cloudflare | Cloudflare Workers AI | Open models at Cloudflare's edge. | \
      https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1 | CLOUDFLARE_API_TOKEN,CLOUDFLARE_API_KEY | \
      can=open-model_list model=@cf/openai/gpt-oss-20b
    cloudflare-gateway | Cloudflare AI Gateway | Many services behind a gateway of your own; `deployment` is its id. | \
      https://gateway.ai.cloudflare.com/v1/{account_id}/{deployment}/compat | CLOUDFLARE_API_TOKEN,CF_AIG_TOKEN | \
      auth=bearer:cf-aig-authorization can=gateway-model_list quirks=
    codestral | Codestral | Mistral's service for code, with filling in the middle. | \
      https://codestral.mistral.ai/v1 | CODESTRAL_API_KEY | \
      quirks=usual,random_seed,tool_choice_any,short_tool_ids,no_stream_options,no_logprobs,no_user \
      model=codestral-latest
    cognition | Cognition | SWE: models for code. | https://api.cognition.ai/v1 | COGNITION_API_KEY | can=hosted
    cohere | Cohere | Command and Embed, in the v2 format. | https://api.cohere.com | COHERE_API_KEY,CO_API_KEY | \
      dialect=cohere-chat can=cohere quirks= model=command-a-03-2025 url_env=CO_API_URL
    cometapi | CometAPI | Many services behind one key. | https://api.cometapi.com/v1 | \
      COMETAPI_API_KEY,COMETAPI_KEY | can=open
    compactifai | CompactifAI | Compressed open models. | https://api.compactif.ai/v1 | COMPACTIFAI_API_KEY
    copilot | GitHub Copilot | Models of a Copilot subscription; the key is a Copilot token. | \
      https://api.githubcopilot.com | GITHUB_COPILOT_TOKEN | \
      headers=Editor-Version:vscode/1.95.0,Copilot-Integration-Id:vscode-chat can=hosted model=claude-haiku-5.5
    coralbricks | CoralBricks | Open models. | https://inference.coralbricks.ai/v1 | CORALBRICKS_API_KEY,CORAL_API_KEY \
      | can=hosted
    cortecs | Cortecs | European services behind one key. | https://api.cortecs.ai/v1 | CORTECS_API_KEY | \
      can=hosted
    crof | CrofAI | Open models. | https://crof.ai/v1 | CROF_API_KEY
    crusoe | Crusoe | Open models. | https://api.inference.crusoecloud.com/v1 | CRUSOE_API_KEY | can=hosted \
      url_env=CRUSOE_API_BASE
    databricks | Databricks | Model serving of a Databricks workspace. | https://{host}/serving-endpoints | \
      DATABRICKS_TOKEN | can=open url_env=DATABRICKS_HOST
    deepinfra | DeepInfra | Open models. | https://api.deepinfra.com/v1/openai | DEEPINFRA_API_KEY,DEEPINFRA_TOKEN \
      | can=open model=openai/gpt-oss-20b
    deepseek | DeepSeek | DeepSeek's own models. | https://api.deepseek.com/v1 | DEEPSEEK_API_KEY | \
      can=json+reasoning+prompt_cache+logprobs quirks=usual,no_json_schema,single_choice,reasoning_content_back \
      model=deepseek-flash
    digitalocean | DigitalOcean Gradient | - | https://inference.do-ai.run/v1 | \
      DIGITALOCEAN_INFERENCE_KEY,DIGITALOCEAN_ACCESS_TOKEN,GRADIENT_AI_API_KEY | can=hosted \
      model=openai-gpt-oss-20b
    dinference | DInference | Open models. | https://api.dinference.com/v1 | DINFERENCE_API_KEY
    docker | Docker Model Runner | Models run by Docker Desktop or Docker Engine. | \
      http://127.0.0.1:12434/engines/v1 | - | can=local quirks=usual,key_optional,is_local
    edenai | Eden AI | Many services behind one key. | https://api.edenai.run/v3 | EDENAI_API_KEY | can=open \
      url_env=EDENAI_API_BASE
    empiriolabs | EmpirioLabs AI | Many models behind one key. | https://api.empiriolabs.ai/v1 | EMPIRIOLABS_API_KEY | \
      can=open
    evroc | evroc | Open models in Europe. | https://models.think.evroc.com/v1 | EVROC_API_KEY | can=open
    fastrouter | FastRouter | Many services behind one key. | https://go.fastrouter.ai/api/v1 | FASTROUTER_API_KEY \
      | can=hosted
    featherless | Featherless AI | Thousands of open models. | https://api.featherless.ai/v1 | \
      FEATHERLESS_API_KEY,FEATHERLESS_AI_API_KEY
    fireworks | Fireworks AI | Open models. | https://api.fireworks.ai/inference/v1 | \
      FIREWORKS_API_KEY,FIREWORKS_AI_API_KEY | can=open+rerank model=accounts/fireworks/models/gpt-oss-20b \
      url_env=FIREWORKS_BASE_URL url_path=/inference/v1
    friendli | FriendliAI | Open models. | https://api.friendli.ai/serverless/v1 | FRIENDLI_TOKEN | can=hosted
    gemini | Google Gemini | Gemini through Google AI Studio, in its own format. | \
      https://generativelanguage.googleapis.com/v1beta | GEMINI_API_KEY,GOOGLE_API_KEY,GOOGLE_GENERATIVE_AI_API_KEY | \
      dialect=gemini-generate auth=header:x-goog-api-key can=gemini quirks= model=gemini-3.5-flash-lite \
      url_env=GOOGLE_GEMINI_BASE_URL
    gmi | GMI Cloud | Open models. | https://api.gmi-serving.com/v1 | GMI_API_KEY,GMICLOUD_API_KEY,GMI_CLOUD_APIKEY | \
      can=hosted
    gpt4all | GPT4All | The server of the GPT4All application. | http://127.0.0.1:4891/v1 | - | can=local \
      quirks=usual,key_optional,is_local
    groq | Groq | Open models on Groq's own chips. | https://api.groq.com/openai/v1 | GROQ_API_KEY | can=hosted \
      quirks=max_completion_tokens,no_developer_role,no_logprobs,single_choice model=openai/gpt-oss-20b \
      url_env=GROQ_BASE_URL url_path=/openai/v1
    helicone | Helicone | Many services behind one key, observed. | https://ai-gateway.helicone.ai/v1 | \
      HELICONE_API_KEY | can=gateway quirks=
    heroku | Heroku | Managed inference; other regions by `base_url`. | https://us.inference.heroku.com/v1 | \
      INFERENCE_KEY,HEROKU_API_KEY | can=hosted url_env=INFERENCE_URL
    hpc-ai | HPC-AI | Open models. | https://api.hpc-ai.com/inference/v1 | HPC_AI_API_KEY
    huggingface | Hugging Face | Open models, by way of the services that host them. | \
      https://router.huggingface.co/v1 | HF_TOKEN,HUGGINGFACE_API_KEY | can=hosted model=openai/gpt-oss-20b
    hyperbolic | Hyperbolic | Open models. | https://api.hyperbolic.xyz/v1 | HYPERBOLIC_API_KEY | can=hosted \
      model=meta-llama/Llama-3.3-70B-Instruct
    inception | Inception Labs | Mercury: diffusion models. | https://api.inceptionlabs.ai/v1 | INCEPTION_API_KEY | \
      model=mercury-2
    inceptron | Inceptron | Open models. | https://api.inceptron.io/v1 | INCEPTRON_API_KEY
    inference-net | Inference.net | Open models. | https://api.inference.net/v1 | INFERENCE_API_KEY
    infermatic | Infermatic | Open models. | https://api.totalgpt.ai/v1 | INFERMATIC_API_KEY
    infinity | Infinity | A server for embeddings. | http://127.0.0.1:7997 | - | can=+embeddings+model_list+rerank \
      quirks=usual,key_optional,is_local
    io-net | IO Intelligence | Open models on a decentralized network. | \
      https://api.intelligence.io.solutions/api/v1 | IOINTELLIGENCE_API_KEY | can=open
    ionos | IONOS AI Model Hub | Open models in Germany. | https://openai.inference.de-txl.ionos.com/v1 | \
      IONOS_API_KEY,IONOS_API_TOKEN | can=open
    jan | Jan | The server of the Jan application. | http://127.0.0.1:1337/v1 | - | can=local \
      quirks=usual,key_optional,is_local
    jiekou | Jiekou.AI | Many services behind one key. | https://api.jiekou.ai/openai/v1 | JIEKOU_API_KEY | \
      can=hosted
    jina | Jina AI | Embeddings and ranking. | https://api.jina.ai/v1 | JINA_API_KEY | can=+embeddings+rerank \
      model=jina-embeddings-v3
    kenari | Kenari | Many models behind one key. | https://kenari.id/v1 | KENARI_API_KEY | can=hosted
    kilo | Kilo Gateway | Many services behind one key. | https://api.kilo.ai/api/gateway | KILO_API_KEY | \
      can=gateway
    koboldcpp | KoboldCpp | - | http://127.0.0.1:5001/v1 | - | can=local quirks=usual,key_optional,is_local
    krutrim | Krutrim | Open models in India. | https://cloud.olakrutrim.com/v1 | KRUTRIM_API_KEY
    lemonade | Lemonade | AMD's Lemonade server. | http://127.0.0.1:8000/api/v1 | - | can=local \
      quirks=usual,key_optional,is_local
    lemonfox | Lemonfox | - | https://api.lemonfox.ai/v1 | LEMONFOX_API_KEY
    libertai | LibertAI | Open models on a decentralized network. | https://api.libertai.io/v1 | LIBERTAI_API_KEY
    litellm | LiteLLM Proxy | A LiteLLM gateway of your own. | http://127.0.0.1:4000/v1 | \
      LITELLM_API_KEY,LITELLM_PROXY_API_KEY | can=gateway+rerank quirks=key_optional,is_local,cache_control \
      url_env=LITELLM_BASE_URL
    llamacpp | llama.cpp | llama-server, also through a unix socket. | http://127.0.0.1:8080/v1 | LLAMA_API_KEY | \
      can=local+rerank quirks=usual,key_optional,is_local model=default
    llamafile | llamafile | - | http://127.0.0.1:8080/v1 | - | can=local quirks=usual,key_optional,is_local \
      model=default
    llamagate | LlamaGate | Open models. | https://api.llamagate.dev/v1 | LLAMAGATE_API_KEY | can=open
    llmgateway | LLM Gateway | Many services behind one key. | https://api.llmgateway.io/v1 | LLMGATEWAY_API_KEY | \
      can=gateway quirks=
    lmstudio | LM Studio | The server of the LM Studio application. | http://127.0.0.1:1234/v1 | \
      LMSTUDIO_API_KEY,LM_STUDIO_API_KEY | can=local quirks=usual,key_optional,is_local
    localai | LocalAI | - | http://127.0.0.1:8080/v1 | LOCALAI_API_KEY | can=local+rerank \
      quirks=usual,key_optional,is_local
    longcat | LongCat | Meituan's models. | https://api.longcat.chat/openai/v1 | LONGCAT_API_KEY | \
      model=LongCat-2.0
    mancer | Mancer | - | https://neuro.mancer.tech/oai/v1 | MANCER_API_KEY
    meganova | MegaNova | Open models. | https://api.meganova.ai/v1 | MEGANOVA_API_KEY
    meta | Meta | Muse. | https://api.meta.ai/v1 | MODEL_API_KEY,META_API_KEY,META_MODEL_API_KEY | can=hosted+files \
      model=muse-spark-1.3 url_env=META_API_BASE
    minimax | MiniMax | - | https://api.minimax.io/v1 | MINIMAX_API_KEY | can=json+reasoning+prompt_cache \
      quirks=usual,no_json_schema,no_logprobs,single_choice,think_tags model=MiniMax-M3
    minimax-cn | MiniMax (China) | - | https://api.minimaxi.com/v1 | MINIMAX_API_KEY | can=json+reasoning+prompt_cache \
      quirks=usual,no_json_schema,no_logprobs,single_choice,think_tags model=MiniMax-M3
    mistral | Mistral AI | Mistral, Codestral, Devstral and Magistral. | https://api.mistral.ai/v1 | \
      MISTRAL_API_KEY | can=mistral \
      quirks=usual,random_seed,tool_choice_any,short_tool_ids,no_stream_options,no_logprobs,no_user \
      model=mistral-small-latest
    mixedbread | Mixedbread | Embeddings and ranking. | https://api.mixedbread.com/v1 | MXBAI_API_KEY | \
      can=+embeddings+rerank rerank=/reranking \
      quirks=usual,rerank_top_k,rerank_input model=mixedbread-ai/mxbai-embed-large-v1
    mixlayer | Mixlayer | Open models. | https://models.mixlayer.ai/v1 | MIXLAYER_API_KEY
    mlx | MLX LM | mlx_lm.server on Apple hardware. | http://127.0.0.1:8080/v1 | - | can=local \
      quirks=usual,key_optional,is_local
    mock | Mock | Scripted or echoed answers, without a network. | - | - | dialect=mock auth=none can=mock quirks= \
      model=mock
    modal | Modal | Open models. | https://inference.us-west.modal.direct/v1 | MODAL_PROXY_TOKEN | can=hosted
    modelscope | ModelScope | Open models in China. | https://api-inference.modelscope.cn/v1 | \
      MODELSCOPE_API_KEY,MODELSCOPE_SDK_TOKEN | can=open
    moonshot | Moonshot AI | Kimi. | https://api.moonshot.ai/v1 | MOONSHOT_API_KEY | \
      can=hosted+prompt_cache+token_count quirks=usual,no_logprobs,no_temperature,reasoning_content_back model=kimi-k2.6
    moonshot-cn | Moonshot AI (China) | Kimi. | https://api.moonshot.cn/v1 | MOONSHOT_CN_API_KEY,MOONSHOT_API_KEY | \
      can=hosted+prompt_cache+token_count quirks=usual,no_logprobs,no_temperature,reasoning_content_back model=kimi-k2.6
    morph | Morph | Models that apply edits to code. | https://api.morphllm.com/v1 | MORPH_API_KEY | \
      can=+streaming+system_messages+model_list+embeddings model=auto
    nanogpt | NanoGPT | Many services behind one key. | https://nano-gpt.com/api/v1 | \
      NANOGPT_API_KEY,NANO_GPT_API_KEY | can=open
    nearai | NEAR AI Cloud | Open models in confidential computing. | https://cloud-api.near.ai/v1 | NEARAI_API_KEY \
      | can=hosted
    nebius | Nebius Token Factory | Open models. | https://api.tokenfactory.nebius.com/v1 | NEBIUS_API_KEY | \
      can=open model=openai/gpt-oss-120b
    neosantara | Neosantara | Models for Indonesia. | https://api.neosantara.xyz/v1 | NEOSANTARA_API_KEY
    neuralwatt | Neuralwatt | Open models, billed by energy. | https://api.neuralwatt.com/v1 | NEURALWATT_API_KEY
    nous | Nous Research | Hermes. | https://inference-api.nousresearch.com/v1 | NOUS_API_KEY
    novita | Novita AI | Open models. | https://api.novita.ai/openai/v1 | NOVITA_API_KEY | can=open+rerank \
      model=openai/gpt-oss-20b
    nscale | Nscale | Open models in Europe. | https://inference.api.nscale.com/v1 | \
      NSCALE_API_KEY,NSCALE_SERVICE_TOKEN | can=hosted
    nvidia | NVIDIA NIM | Open models hosted by NVIDIA, and NIM containers at an address of your own. | \
      https://integrate.api.nvidia.com/v1 | NVIDIA_API_KEY,NVIDIA_NIM_API_KEY | can=open model=openai/gpt-oss-20b
    ollama | Ollama | Models on this machine, in Ollama's own format. | http://127.0.0.1:11434 | OLLAMA_API_KEY | \
      dialect=ollama-chat can=ollama quirks=key_optional,is_local url_env=OLLAMA_HOST
    ollama-cloud | Ollama Cloud | Models hosted by Ollama, in its own format. | https://ollama.com | OLLAMA_API_KEY | \
      dialect=ollama-chat can=ollama-embeddings quirks= model=gpt-oss:20b
    oobabooga | Text Generation WebUI | - | http://127.0.0.1:5000/v1 | - | can=local \
      quirks=usual,key_optional,is_local
    openai | OpenAI | GPT and the o series; Chat Completions, Responses and embeddings. | https://api.openai.com/v1 | \
      OPENAI_API_KEY | can=openai quirks=max_completion_tokens,idempotency_key model=gpt-6-luna url_env=OPENAI_BASE_URL
    openai-compatible | OpenAI-compatible service | Any service that speaks a known format, at an address of your \
      own. | - | OPENAI_API_KEY | can=openai quirks=key_optional url_env=OPENAI_BASE_URL
    opencode | OpenCode Zen | Models chosen for coding agents. | https://opencode.ai/zen/v1 | OPENCODE_API_KEY | \
      can=hosted
    opencode-go | OpenCode Go | Open models for coding agents, by subscription. | https://opencode.ai/zen/go/v1 | \
      OPENCODE_API_KEY | can=hosted
    openrouter | OpenRouter | Hundreds of models of many services behind one key. | https://openrouter.ai/api/v1 | \
      OPENROUTER_API_KEY | can=gateway+rerank quirks=reasoning_object,reasoning_details_back,cache_control \
      model=openrouter/auto url_env=OPENROUTER_BASE_URL
    ovhcloud | OVHcloud AI Endpoints | Open models in Europe; a few calls without a key. | \
      https://oai.endpoints.kepler.ai.cloud.ovh.net/v1 | OVH_AI_ENDPOINTS_ACCESS_TOKEN,OVHCLOUD_API_KEY,OVH_API_KEY \
      | can=open quirks=usual,key_optional model=gpt-oss-20b
    parasail | Parasail | Open models. | https://api.parasail.io/v1 | PARASAIL_API_KEY | can=open
    perplexity | Perplexity | The Agent API: Sonar and models of others, with sources from the web. | \
      https://api.perplexity.ai | PERPLEXITY_API_KEY,PERPLEXITYAI_API_KEY | dialect=openai-responses \
      responses=/v1/responses embeddings=/v1/embeddings models=/v1/models \
      can=+streaming+tools+json_schema+system_messages+vision+reasoning+web_search+embeddings \
      quirks=usual,no_seed,no_logprobs,single_choice,no_parallel_tool_calls,no_stream_options,no_user,search_results,byte_embeddings \
      model=perplexity/sonar url_env=PERPLEXITY_BASE_URL
    poe | Poe | The bots of Poe. | https://api.poe.com/v1 | POE_API_KEY | can=hosted
    poolside | Poolside | Models for code. | https://inference.poolside.ai/v1 | POOLSIDE_API_KEY
    portkey | Portkey | A gateway to many services. | https://api.portkey.ai/v1 | PORTKEY_API_KEY | \
      auth=header:x-portkey-api-key can=gateway quirks=
    ppio | PPIO | Open models. | https://api.ppio.com/openai/v1 | PPIO_API_KEY | can=open
    privatemode | Privatemode | Confidential computing, by way of its proxy on this machine. | \
      http://127.0.0.1:8080/v1 | PRIVATEMODE_API_KEY | can=local quirks=usual,key_optional,is_local
    publicai | Public AI | Apertus and other public models. | https://api.publicai.co/v1 | PUBLICAI_API_KEY | \
      quirks=usual,flat_content
    qiniu | Qiniu | Open models in China. | https://api.qnaigc.com/v1 | QINIU_API_KEY | can=hosted
    ramalama | RamaLama | - | http://127.0.0.1:8080/v1 | - | can=local quirks=usual,key_optional,is_local \
      model=default
    redpill | Phala RedPill | Models in confidential computing. | https://api.redpill.ai/v1 | REDPILL_API_KEY | \
      can=hosted
    regolo | Regolo AI | Open models in Italy. | https://api.regolo.ai/v1 | REGOLO_API_KEY | can=open
    reka | Reka | - | https://api.reka.ai/v1 | REKA_API_KEY | can=+streaming+system_messages+vision+model_list
    requesty | Requesty | Many services behind one key. | https://router.requesty.ai/v1 | REQUESTY_API_KEY | \
      can=gateway quirks=cache_control
    runpod | Runpod | Serverless endpoints of your own; `deployment` is the endpoint's id. | \
      https://api.runpod.ai/v2/{deployment}/openai/v1 | RUNPOD_API_KEY
    sakana | Sakana AI | - | https://api.sakana.ai/v1 | SAKANA_API_KEY | can=hosted
    salad | SaladCloud | Open models. | https://ai.salad.cloud/v1 | SALAD_CLOUD_API_KEY
    sambanova | SambaNova | Open models on SambaNova's own chips. | https://api.sambanova.ai/v1 | SAMBANOVA_API_KEY \
      | can=open quirks=usual,no_logprobs,single_choice model=gpt-oss-120b
    sarvam | Sarvam AI | Models for India's languages. | https://api.sarvam.ai/v1 | SARVAM_API_KEY | \
      auth=header:api-subscription-key model=sarvam-30b
    scaleway | Scaleway | Open models in Europe. | https://api.scaleway.ai/v1 | SCW_SECRET_KEY,SCALEWAY_API_KEY | \
      can=open model=gpt-oss-120b
    scx | SCX.ai | Open models in Australia. | https://api.scx.ai/v1 | SCX_API_KEY | can=hosted
    sensenova | SenseNova | SenseTime's models. | https://api.sensenova.cn/compatible-mode/v2 | SENSENOVA_API_KEY
    sglang | SGLang | - | http://127.0.0.1:30000/v1 | SGLANG_API_KEY | can=local quirks=usual,key_optional,is_local
    siliconflow | SiliconFlow | Open models. | https://api.siliconflow.com/v1 | SILICONFLOW_API_KEY | can=open+rerank
    siliconflow-cn | SiliconFlow (China) | Open models. | https://api.siliconflow.cn/v1 | \
      SILICONFLOW_CN_API_KEY,SILICONFLOW_API_KEY | can=open+rerank
    snowflake | Snowflake Cortex | Models within a Snowflake account. | https://{host}/api/v2/cortex/v1 | \
      SNOWFLAKE_PAT,SNOWFLAKE_CORTEX_PAT | can=hosted quirks=max_completion_tokens,no_developer_role \
      url_env=SNOWFLAKE_HOST
    spark | iFlytek Spark | - | https://spark-api-open.xf-yun.com/v1 | SPARK_API_PASSWORD | can=chat-model_list
    stackit | STACKIT | Open models in Germany. | https://api.openai-compat.model-serving.eu01.onstackit.cloud/v1 | \
      STACKIT_API_KEY | can=open
    stepfun | StepFun | Step. | https://api.stepfun.com/v1 | STEPFUN_API_KEY,STEP_API_KEY | can=hosted
    stepfun-intl | StepFun (international) | Step. | https://api.stepfun.ai/v1 | STEPFUN_API_KEY,STEP_API_KEY | \
      can=hosted
    submodel | submodel | Open models. | https://llm.submodel.ai/v1 | SUBMODEL_INSTAGEN_ACCESS_KEY
    synthetic | Synthetic | Open models. | https://api.synthetic.new/openai/v1 | SYNTHETIC_API_KEY | can=open
    tabbyapi | TabbyAPI | - | http://127.0.0.1:5000/v1 | TABBY_API_KEY | can=local \
      quirks=usual,key_optional,is_local
    tei | Text Embeddings Inference | Hugging Face's server for embeddings. | http://127.0.0.1:8080/v1 | \
      TEI_API_KEY | can=+embeddings quirks=usual,key_optional,is_local
    tencent | Tencent TokenHub | - | https://tokenhub.tencentmaas.com/v1 | \
      TENCENT_TOKENHUB_API_KEY,TOKENHUB_API_KEY,TENCENT_API_KEY | can=hosted
    tencent-intl | Tencent TokenHub (international) | - | https://tokenhub-intl.tencentcloudmaas.com/v1 | \
      TENCENT_TOKENHUB_API_KEY,TOKENHUB_API_KEY,TENCENT_API_KEY | can=hosted url_env=TENCENT_API_BASE
    tensormesh | Tensormesh | Open models. | https://serverless.tensormesh.ai/v1 | TENSORMESH_INFERENCE_API_KEY
    tgi | Text Generation Inference | Hugging Face's TGI server. | http://127.0.0.1:8080/v1 | TGI_API_KEY | \
      can=local quirks=usual,key_optional,is_local model=tgi
    thinkingmachines | Thinking Machines | Inkling and models tuned with Tinker, in Anthropic's format. | \
      https://tinker.thinkingmachines.dev/services/tinker-prod/anthropic/api/v1 | TINKER_API_KEY | \
      dialect=anthropic-messages auth=header:x-api-key can=json+vision+reasoning quirks=
    tinfoil | Tinfoil | Open models in confidential computing. | https://inference.tinfoil.sh/v1 | TINFOIL_API_KEY \
      | can=open
    together | Together AI | Open models. | https://api.together.ai/v1 | TOGETHER_API_KEY,TOGETHER_AI_API_KEY | \
      can=open+rerank model=openai/gpt-oss-120b url_env=TOGETHER_BASE_URL url_path=/v1
    typhoon | Typhoon | Models for Thai. | https://api.opentyphoon.ai/v1 | TYPHOON_API_KEY
    upstage | Upstage | Solar. | https://api.upstage.ai/v1 | UPSTAGE_API_KEY | can=chat+embeddings+reasoning \
      model=solar-pro3
    v0 | v0 | Vercel's model for web pages. | https://api.v0.dev/v1 | V0_API_KEY | can=chat+vision model=v0-1.5-md
    venice | Venice AI | Open models, without logs. | https://api.venice.ai/api/v1 | \
      VENICE_API_KEY,VENICE_AI_API_KEY | can=open
    vercel | Vercel AI Gateway | Many services behind one key. | https://ai-gateway.vercel.sh/v1 | \
      AI_GATEWAY_API_KEY,VERCEL_AI_GATEWAY_API_KEY | can=gateway quirks=cache_control model=openai/gpt-5.6-luna
    vertex | Google Vertex AI | Gemini through Google Cloud; the key is an access token. | \
      https://{location-}aiplatform.googleapis.com/v1 | VERTEX_ACCESS_TOKEN,CLOUDSDK_AUTH_ACCESS_TOKEN | \
      dialect=gemini-generate can=gemini-model_list quirks=vertex_paths model=gemini-3.5-flash-lite \
      url_env=GOOGLE_VERTEX_BASE_URL url_path=/v1
    vertex-anthropic | Claude on Google Vertex AI | Claude through Google Cloud; the key is an access token. | \
      https://{location-}aiplatform.googleapis.com/v1/projects/{project}/locations/{location} | \
      VERTEX_ACCESS_TOKEN,CLOUDSDK_AUTH_ACCESS_TOKEN | dialect=anthropic-messages can=anthropic-model_list \
      quirks=vertex_paths model=claude-haiku-5-5 url_env=ANTHROPIC_VERTEX_BASE_URL
    vertex-openai | Google Vertex AI, OpenAI format | Models of other makers through Google Cloud, as `maker/model`; \
      the key is an access token. | \
      https://{location-}aiplatform.googleapis.com/v1/projects/{project}/locations/{location}/endpoints/openapi | \
      VERTEX_ACCESS_TOKEN,CLOUDSDK_AUTH_ACCESS_TOKEN | can=hosted-model_list
    vllm | vLLM | The vLLM server. | http://127.0.0.1:8000/v1 | VLLM_API_KEY | can=local+rerank \
      quirks=key_optional,is_local url_env=VLLM_BASE_URL
    volcengine | Volcengine Ark (China) | Doubao and others. | https://ark.cn-beijing.volces.com/api/v3 | \
      ARK_API_KEY,VOLCENGINE_API_KEY | can=open
    voyage | Voyage AI | Embeddings and ranking. | https://api.voyageai.com/v1 | VOYAGE_API_KEY | \
      can=+embeddings+rerank quirks=usual,rerank_top_k model=voyage-3.5
    vultr | Vultr | Open models. | https://api.vultrinference.com/v1 | VULTR_API_KEY | can=hosted
    wandb | Weights & Biases | Open models. | https://api.inference.wandb.ai/v1 | WANDB_API_KEY | can=hosted \
      model=openai/gpt-oss-20b
    watsonx | IBM watsonx.ai | The model gateway; the key is an IAM token. | https://{host}/ml/gateway/v1 | \
      WATSONX_TOKEN | can=open url_env=WATSONX_URL,WATSONX_API_BASE
    writer | Writer | Palmyra. | https://api.writer.com/v1 | WRITER_API_KEY | chat=/chat
    xai | xAI | Grok. | https://api.x.ai/v1 | XAI_API_KEY | can=hosted+logprobs+web_search+prompt_cache quirks= \
      model=grok-4.3
    xiaomi | Xiaomi MiMo | MiMo. | https://api.xiaomimimo.com/v1 | XIAOMI_API_KEY,XIAOMI_MIMO_API_KEY,MIMO_API_KEY \
      | can=hosted
    xinference | Xinference | - | http://127.0.0.1:9997/v1 | - | can=local+rerank quirks=usual,key_optional,is_local
    yi | 01.AI | Yi. | https://api.lingyiwanwu.com/v1 | YI_API_KEY
    zai | Z.AI | GLM. | https://api.z.ai/api/paas/v4 | ZAI_API_KEY,ZHIPU_API_KEY | \
      can=json+vision+reasoning+prompt_cache \
      quirks=usual,no_json_schema,no_seed,no_penalties,no_logprobs,single_choice,reasoning_content_back \
      model=glm-4.7-flash
    zai-coding | Z.AI Coding Plan | GLM by subscription. | https://api.z.ai/api/coding/paas/v4 | \
      ZAI_API_KEY,ZHIPU_API_KEY | can=json+vision+reasoning+prompt_cache \
      quirks=usual,no_json_schema,no_seed,no_penalties,no_logprobs,single_choice,reasoning_content_back \
      model=glm-4.7
    zenmux | ZenMux | Many services behind one key. | https://zenmux.ai/api/v1 | ZENMUX_API_KEY | can=gateway \
      quirks=
    zhipu | Zhipu AI (China) | GLM. | https://open.bigmodel.cn/api/paas/v4 | ZHIPUAI_API_KEY,ZHIPU_API_KEY | \
      can=json+vision+reasoning+prompt_cache+embeddings \
      quirks=usual,no_json_schema,no_seed,no_penalties,no_logprobs,single_choice,reasoning_content_back \
      model=glm-4.7-flash
    """

  /// Other names by which people know them, those of LiteLLM's price map among them: a line each, and whose it is.
  static let aliases: StaticString = """
    aiml aimlapi
    amazon-bedrock bedrock
    amazon_nova amazon-nova
    ark volcengine
    aws bedrock
    azure-openai azure
    azure_ai azure-ai
    azure_openai azure
    bedrock_converse bedrock
    bedrock_mantle bedrock-mantle
    bigmodel zhipu
    claude anthropic
    cloudflare-ai-gateway cloudflare-gateway
    cohere_chat cohere
    custom openai-compatible
    dashscope alibaba
    deepseek-ai deepseek
    docker_model_runner docker
    doubao volcengine
    featherless_ai featherless
    fireworks-ai fireworks
    fireworks_ai fireworks
    friendliai friendli
    github-copilot copilot
    github-models github
    github_copilot copilot
    github_models github
    glm zai
    google gemini
    google-ai-studio gemini
    google-vertex vertex
    google-vertex-anthropic vertex-anthropic
    gradient_ai digitalocean
    grok xai
    hf huggingface
    hunyuan tencent
    jina_ai jina
    kimi moonshot
    lambda_ai lambda
    litellm_proxy litellm
    llama meta
    llama-cpp llamacpp
    llama.cpp llamacpp
    lm-studio lmstudio
    lm_studio lmstudio
    meta_llama meta
    minimaxai minimax
    mistralai mistral
    moonshotai moonshot
    nano-gpt nanogpt
    nim nvidia
    novita-ai novita
    nvidia_nim nvidia
    openai-like openai-compatible
    openai_compatible openai-compatible
    ovh ovhcloud
    perplexity-ai perplexity
    qwen alibaba
    together_ai together
    togetherai together
    vercel_ai_gateway vercel
    vertex-ai vertex
    vertex_ai vertex
    vertex_ai-anthropic_models vertex-anthropic
    vertex_ai-language-models vertex
    voyageai voyage
    workers-ai cloudflare
    x-ai xai
    x.ai xai
    xiaomi_mimo xiaomi
    z-ai zai
    z.ai zai
    zai-org zai
    zhipuai zhipu
    """

  /// Services that have ended, and what takes their place. Some are aliases as well.
  static let ended: StaticString = """
    github GitHub Models ended on 2026-07-30; "copilot" takes a Copilot token, "azure-ai" serves the same models
    hunyuan Hunyuan's own platform ended on 2026-09-30; it is "tencent" (TokenHub) now, with another key
    lambda Lambda's inference ended on 2025-09-25; "hyperbolic" or "together" serve open models as it did
    llama The Llama API ended on 2026-07-06; Meta's models are at "meta" now, with another key
    """
}

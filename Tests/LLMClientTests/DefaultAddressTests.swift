import LLMCatalog
import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMClient

/// Where a request goes that names no model, and in which interface, for every service that has a default.
@Suite struct DefaultAddressTests {
  private static let types = Catalog.builtIn.providers.filter {
    $0.defaultModel != nil && $0.dialect != .mock && $0.capabilities.contains(.streaming)
  }.map { $0.name }

  /// What the types want that need more than a key.
  private static let environment = FakeEnvironment([
    "AWS_REGION": "r", "GOOGLE_CLOUD_PROJECT": "p", "CLOUDFLARE_ACCOUNT_ID": "a",
  ])

  private static func rendered(_ request: String, _ type: String) throws -> JSON {
    let config = JSON.object()
    config.set("type", type)
    config.set("api_key", "k")
    return try Provider(config, environment: environment).render(JSON.parse(request))
  }

  /// The type, the address, the model in the body, and the member that holds the conversation.
  private static func line(_ type: String) throws -> String {
    let request = try rendered(#"{"messages":[{"role":"user","content":"Hi"}]}"#, type)
    let body = request["body"]
    let member = ["messages", "input", "contents"].first { body?[named: $0] != nil } ?? "-"
    return "\(type) \(request.string("url") ?? "-") \(body?.string("model") ?? "-") \(member)"
  }

  @Test func everyDefaultIsAskedWhereItsServiceIs() throws {
    let lines = try Self.types.map { try Self.line($0) }
    let expected = Self.expected.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    for line in expected { #expect(lines.contains(line)) }
    #expect(lines.count == expected.count)
  }

  /// OpenAI's models think by default, and call functions then through the Responses interface alone.
  @Test func functionsOfOpenAIsDefaultGoToResponses() throws {
    func url(_ member: String) throws -> String? {
      let tools = #""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"#
      return try Self.rendered(#"{"prompt":"Hi",\#(tools)\#(member)}"#, "openai").string("url")
    }
    #expect(try url("") == "https://api.openai.com/v1/responses")
    #expect(try url(#","reasoning_effort":"none""#) == "https://api.openai.com/v1/chat/completions")
  }

  private static let expected = """
    abacus https://routellm.abacus.ai/v1/chat/completions route-llm messages
    ai21 https://api.ai21.com/studio/v1/chat/completions jamba-mini messages
    alibaba https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions qwen-flash messages
    alibaba-cn https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions qwen-flash messages
    anthropic https://api.anthropic.com/v1/messages claude-haiku-5-5 messages
    anthropic-aws https://aws-external-anthropic.r.api.aws/v1/messages claude-haiku-5-5 messages
    arcee https://api.arcee.ai/api/v1/chat/completions trinity-large-thinking messages
    baseten https://inference.baseten.co/v1/chat/completions openai/gpt-oss-120b messages
    bedrock https://bedrock-runtime.r.amazonaws.com/model/us.amazon.nova-lite-v1%3A0/converse - messages
    bedrock-mantle https://bedrock-mantle.r.api.aws/v1/chat/completions openai.gpt-oss-20b messages
    cerebras https://api.cerebras.ai/v1/chat/completions gpt-oss-120b messages
    cloudflare \
      https://api.cloudflare.com/client/v4/accounts/a/ai/v1/chat/completions \
      @cf/openai/gpt-oss-20b messages
    codestral https://codestral.mistral.ai/v1/chat/completions codestral-latest messages
    cohere https://api.cohere.com/v2/chat command-a-03-2025 messages
    copilot https://api.githubcopilot.com/chat/completions claude-haiku-5.5 messages
    deepinfra https://api.deepinfra.com/v1/openai/chat/completions openai/gpt-oss-20b messages
    deepseek https://api.deepseek.com/v1/chat/completions deepseek-flash messages
    digitalocean https://inference.do-ai.run/v1/chat/completions openai-gpt-oss-20b messages
    fireworks https://api.fireworks.ai/inference/v1/chat/completions accounts/fireworks/models/gpt-oss-20b messages
    gemini https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash-lite:generateContent - contents
    groq https://api.groq.com/openai/v1/chat/completions openai/gpt-oss-20b messages
    huggingface https://router.huggingface.co/v1/chat/completions openai/gpt-oss-20b messages
    hyperbolic https://api.hyperbolic.xyz/v1/chat/completions meta-llama/Llama-3.3-70B-Instruct messages
    inception https://api.inceptionlabs.ai/v1/chat/completions mercury-2 messages
    llamacpp http://127.0.0.1:8080/v1/chat/completions default messages
    llamafile http://127.0.0.1:8080/v1/chat/completions default messages
    longcat https://api.longcat.chat/openai/v1/chat/completions LongCat-2.0 messages
    meta https://api.meta.ai/v1/chat/completions muse-spark-1.3 messages
    minimax https://api.minimax.io/v1/chat/completions MiniMax-M3 messages
    minimax-cn https://api.minimaxi.com/v1/chat/completions MiniMax-M3 messages
    mistral https://api.mistral.ai/v1/chat/completions mistral-small-latest messages
    moonshot https://api.moonshot.ai/v1/chat/completions kimi-k2.6 messages
    moonshot-cn https://api.moonshot.cn/v1/chat/completions kimi-k2.6 messages
    morph https://api.morphllm.com/v1/chat/completions auto messages
    nebius https://api.tokenfactory.nebius.com/v1/chat/completions openai/gpt-oss-120b messages
    novita https://api.novita.ai/openai/v1/chat/completions openai/gpt-oss-20b messages
    nvidia https://integrate.api.nvidia.com/v1/chat/completions openai/gpt-oss-20b messages
    ollama-cloud https://ollama.com/api/chat gpt-oss:20b messages
    openai https://api.openai.com/v1/chat/completions gpt-6-luna messages
    openrouter https://openrouter.ai/api/v1/chat/completions openrouter/auto messages
    ovhcloud https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/chat/completions gpt-oss-20b messages
    perplexity https://api.perplexity.ai/v1/responses perplexity/sonar input
    ramalama http://127.0.0.1:8080/v1/chat/completions default messages
    sambanova https://api.sambanova.ai/v1/chat/completions gpt-oss-120b messages
    sarvam https://api.sarvam.ai/v1/chat/completions sarvam-30b messages
    scaleway https://api.scaleway.ai/v1/chat/completions gpt-oss-120b messages
    tgi http://127.0.0.1:8080/v1/chat/completions tgi messages
    together https://api.together.ai/v1/chat/completions openai/gpt-oss-120b messages
    upstage https://api.upstage.ai/v1/chat/completions solar-pro3 messages
    v0 https://api.v0.dev/v1/chat/completions v0-1.5-md messages
    vercel https://ai-gateway.vercel.sh/v1/chat/completions openai/gpt-5.6-luna messages
    vertex \
      https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/gemini-3.5-flash-lite:generateContent \
      - contents
    vertex-anthropic \
      https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/claude-haiku-5-5:rawPredict \
      - messages
    wandb https://api.inference.wandb.ai/v1/chat/completions openai/gpt-oss-20b messages
    xai https://api.x.ai/v1/chat/completions grok-4.3 messages
    zai https://api.z.ai/api/paas/v4/chat/completions glm-4.7-flash messages
    zai-coding https://api.z.ai/api/coding/paas/v4/chat/completions glm-4.7 messages
    zhipu https://open.bigmodel.cn/api/paas/v4/chat/completions glm-4.7-flash messages
    """
}

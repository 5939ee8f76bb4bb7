import LLMConfig
import LLMCore

/// Addresses below the base URL, Azure's included.
enum OpenAIPaths {
  static func path(_ standard: String, _ configured: String?, _ context: RequestContext) -> String {
    if let configured { return configured.replacing("{model}", with: context.model.percentEncoded()) }
    guard context.quirks.contains(.azurePaths) else { return standard }
    guard let version = context.endpoint.settings.string("api_version"), version != "v1" else {
      return "/openai/v1" + standard
    }
    let deployment = context.endpoint.settings.string("deployment") ?? context.model
    let query = "?api-version=" + version.percentEncoded()
    if !namesDeployment(standard) { return "/openai" + standard + query }
    return "/openai/deployments/" + deployment.percentEncoded() + standard + query
  }

  private static func namesDeployment(_ standard: String) -> Bool {
    standard == "/chat/completions" || standard == "/completions" || standard == "/embeddings"
  }
}

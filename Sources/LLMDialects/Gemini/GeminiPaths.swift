import LLMConfig
import LLMCore

/// Addresses below the base URL.
enum GeminiPaths {
  /// Where answers are asked for. A configured path may hold `{model}` and `{method}`.
  static func generate(_ context: RequestContext) -> String {
    let method = context.isStreaming ? "streamGenerateContent" : "generateContent"
    guard let path = context.endpoint.paths.chat else {
      return model(context) + ":" + method + (context.isStreaming ? "?alt=sse" : "")
    }
    return path.replacing("{model}", with: escaped(context.model)).replacing("{method}", with: method)
  }

  /// The model of the call.
  static func model(_ context: RequestContext) -> String { model(named: context.model, context) }

  /// A model's address; names of tuned models and of Vertex AI's endpoints are taken as they are.
  static func model(named name: String, _ context: RequestContext) -> String {
    let name = escaped(name)
    guard context.quirks.contains(.vertexPaths) else { return "/" + resource(named: name) }
    if name.startsWith("projects/") { return "/" + name }
    return project(context) + (name.containsText("/") ? "/" : "/publishers/google/models/") + name
  }

  /// The model's name in bodies.
  static func resource(_ context: RequestContext) -> String { resource(named: context.model) }

  private static func resource(named name: String) -> String { name.containsText("/") ? name : "models/" + name }

  /// Without a project the key is one of Vertex AI's "express mode", whose addresses begin at the publisher.
  private static func project(_ context: RequestContext) -> String {
    guard let project = context.endpoint.settings.string("project") else { return "" }
    let location = context.endpoint.settings.string("location") ?? "global"
    return "/projects/" + project.percentEncoded() + "/locations/" + location.percentEncoded()
  }

  /// Whose members may be named by their whole path; a slash in any other name is a part of the name.
  private static let collections: [StaticText] = ["models/", "tunedModels/", "projects/", "publishers/", "endpoints/"]

  private static func escaped(_ name: String) -> String {
    let isPath = collections.contains { name.startsWith($0.text) }
    return name.percentEncoded(keeping: isPath ? "/@" : "@")
  }
}

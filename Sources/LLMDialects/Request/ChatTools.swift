import LLMCore

/// A tool that the model may call.
public final class ChatTool {
  /// Its name; empty for a tool of the service's own.
  public let name: String
  /// What it does.
  public let summary: String?
  /// JSON Schema of its arguments.
  public let parameters: JSON?
  /// Whether the service is to hold to the schema.
  public let isStrict: Bool?
  /// Whether it is a function; else a tool of the service's own, which `json` describes.
  public let isFunction: Bool
  /// The tool as the caller wrote it.
  public let json: JSON
  private let place: RequestPlace
  /// Where it stands in the caller's document.
  public var pointer: String { place.pointer }
  /// `cache_control` of the tool.
  public var cacheControl: JSON? { json["cache_control"] }

  convenience init(_ json: JSON, at place: RequestPlace) throws(LLMError) {
    guard json.isObject else { throw LLMError(.invalidRequest, "a tool is an object", param: place.pointer) }
    let isFunction = (json.string("type") ?? "function") == "function"
    // What another interface calls a tool would lose its parameters here.
    guard json["function"] != nil || json["type"] != nil else {
      throw LLMError(
        .invalidRequest, "a tool is {\"type\":\"function\",\"function\":{\"name\":…,\"parameters\":…}}",
        param: place.pointer)
    }
    let function = json["function"] ?? json
    let name = (isFunction ? function : json).string("name") ?? ""
    if isFunction, name.isEmpty {
      throw LLMError(.invalidRequest, "a function tool needs a name", param: place.pointer + "/function/name")
    }
    self.init(json, at: place, name: name, function: function, isFunction: isFunction)
  }

  private init(_ json: JSON, at place: RequestPlace, name: String, function: JSON, isFunction: Bool) {
    self.json = json
    self.place = place
    self.name = name
    self.isFunction = isFunction
    summary = function.string("description")
    parameters = function["parameters"]
    isStrict = function.bool("strict")
  }
}

extension ChatTool {
  /// The function with no more than what every service of OpenAI's shape knows.
  var plainFunction: JSON {
    let function = JSON.make([
      "name": .string(name), "description": .text(summary), "parameters": SchemaRules.asObject(parameters),
    ])
    return .make(["type": .word("function"), "function": function])
  }
}

/// How the model is to choose among the tools.
public enum ChatToolChoice {
  /// As it likes.
  case auto
  /// No tool.
  case none
  /// At least one.
  case required
  /// This one.
  case function(String)
  /// Something this library does not know.
  case other(JSON)

  init?(_ json: JSON?) throws(LLMError) {
    guard let json else { return nil }
    switch json.string {
    case "auto": self = .auto
    case "none": self = .none
    case "required", "any": self = .required
    case let word?:
      throw LLMError(
        .invalidRequest, "\"\(word)\" is no tool choice; it is auto, none, required or {\"type\":\"function\",…}",
        param: "/tool_choice")
    case nil:
      if let name = (json["function"] ?? json).string("name") {
        self = .function(name)
      } else {
        self = .other(json)
      }
    }
  }
}

/// What the answer is to look like.
public enum ChatResponseFormat {
  /// Text.
  case text
  /// Some JSON object.
  case jsonObject
  /// JSON that fits a schema.
  case jsonSchema(name: String, schema: JSON, isStrict: Bool?)
  /// Something this library does not know.
  case other(JSON)

  init?(_ json: JSON?) throws(LLMError) {
    guard let json else { return nil }
    switch json.string("type") {
    case "text": self = .text
    case "json_object": self = .jsonObject
    case "json_schema":
      let description = json["json_schema"] ?? json
      guard let schema = description["schema"] else {
        throw LLMError(
          .invalidRequest, "response_format json_schema needs {\"json_schema\":{\"name\":…,\"schema\":…}}",
          param: "/response_format/json_schema/schema")
      }
      self = .jsonSchema(
        name: description.string("name") ?? "response", schema: schema, isStrict: description.bool("strict"))
    case nil:
      throw LLMError(.invalidRequest, "response_format needs a \"type\"", param: "/response_format/type")
    default: self = .other(json)
    }
  }
}

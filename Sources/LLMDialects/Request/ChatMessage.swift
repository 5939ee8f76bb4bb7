import LLMCore

/// Who speaks.
public enum ChatRole: Sendable {
  case system, developer, user, assistant, tool

  /// The word in documents.
  public var name: StaticText {
    switch self {
    case .system: "system"
    case .developer: "developer"
    case .user: "user"
    case .assistant: "assistant"
    case .tool: "tool"
    }
  }

  fileprivate init?(name: String) {
    switch name {
    case "system": self = .system
    case "developer": self = .developer
    case "user": self = .user
    case "assistant": self = .assistant
    case "tool", "function": self = .tool
    default: return nil
    }
  }
}

/// Where something stands in the caller's document: made into a JSON pointer only where an error or a warning names it.
struct RequestPlace {
  let list: StaticText
  let index: Int
  var member: StaticText?
  var element: Int?

  var pointer: String {
    var pointer = formatted("/\(list)/\(index)")
    if let member { pointer += "/" + member.text }
    if let element { pointer += formatted("/\(element)") }
    return pointer
  }
}

/// Where a picture, a sound or a file is.
public enum MediaSource {
  /// An address that the service fetches.
  case url(String)
  /// The bytes in base64, with their media type.
  case base64(mediaType: String, data: String)
  /// A file that the service holds.
  case fileID(String)

  /// A `data:` URL is its content; anything else an address.
  public init(url: String) {
    if url.startsWith("data:"), let comma = url.firstByteOffset(of: ",") {
      let header = url.keeping(bytes: comma).dropping(bytes: 5)
      if header.endsWith(";base64") {
        let type = header.pieces(separatedBy: UInt8(ascii: ";"))[0]
        self = .base64(mediaType: type.isEmpty ? "text/plain" : type, data: url.dropping(bytes: comma + 1))
        return
      }
    }
    self = .url(url)
  }
}

/// One part of a message's content.
public final class ChatPart {
  /// What it is.
  public enum Content {
    /// Text.
    case text(String)
    /// A picture, with OpenAI's `detail`.
    case image(MediaSource, detail: String?)
    /// Sound: base64 and format ("wav", "mp3").
    case audio(data: String, format: String)
    /// A file, with its name.
    case file(MediaSource, name: String?)
    /// A refusal of the model's.
    case refusal(String)
    /// Something this library does not know; `json` has it.
    case other(type: String)
  }

  /// What it is, where it is no text.
  private let known: Content?
  /// What it is. Texts are made when they are asked for: services that take OpenAI's messages are sent the caller's.
  public var content: Content { known ?? .text((json.isString ? json.string : json.string("text")) ?? "") }
  /// The part as the caller wrote it; a JSON string where the content is one.
  public let json: JSON
  private let place: RequestPlace
  /// Where it stands in the caller's document.
  public var pointer: String { place.pointer }
  /// `cache_control`, where the caller marks the end of a cached prefix.
  public var cacheControl: JSON? { json["cache_control"] }

  /// Whether it is a picture.
  public var isImage: Bool {
    if case .image = known { return true }
    return false
  }

  /// The text, if it is text.
  public var text: String? {
    if case .text(let text) = content { return text }
    return nil
  }

  /// The text's bytes, nil where it is none.
  public var textBytes: UnsafeRawBufferPointer? {
    known == nil ? (json.isString ? json : json["text"])?.stringBytes : nil
  }

  private init(_ known: Content?, json: JSON, at place: RequestPlace) {
    self.known = known
    self.json = json
    self.place = place
  }

  convenience init(text json: JSON, at place: RequestPlace) { self.init(nil, json: json, at: place) }

  convenience init(_ json: JSON, at place: RequestPlace) throws(LLMError) {
    if json.isString {
      self.init(text: json, at: place)
      return
    }
    guard json.isObject, let type = json.string("type") else {
      throw LLMError(.invalidRequest, "a content part is an object with a \"type\"", param: place.pointer + "/type")
    }
    self.init(try ChatPart.read(json, type: type, at: place), json: json, at: place)
  }

  /// What it is; nil for a text.
  private static func read(_ json: JSON, type: String, at place: RequestPlace) throws(LLMError) -> Content? {
    switch type {
    case "text", "input_text", "output_text":
      if json["text"]?.isString == true { return nil }
      throw LLMError(.invalidRequest, "a text part needs a string \"text\"", param: place.pointer + "/text")
    case "image_url", "input_image":
      guard let url = json.string("image_url", "url") ?? json.string("image_url") else {
        if let id = json.string("file_id") { return .image(.fileID(id), detail: json.string("detail")) }
        throw LLMError(
          .invalidRequest, "an image part needs {\"image_url\":{\"url\":…}}", param: place.pointer + "/image_url/url")
      }
      return .image(MediaSource(url: url), detail: (json["image_url", "detail"] ?? json["detail"])?.string)
    case "input_audio":
      guard let data = json.string("input_audio", "data") else {
        throw LLMError(
          .invalidRequest, "an audio part needs {\"input_audio\":{\"data\":…,\"format\":…}}",
          param: place.pointer + "/input_audio/data")
      }
      return .audio(data: data, format: json.string("input_audio", "format") ?? "wav")
    case "file", "input_file": return try readFile(json["file"] ?? json, at: place)
    case "refusal": return .refusal(json.string("refusal") ?? "")
    default: return .other(type: type)
    }
  }

  private static func readFile(_ file: JSON, at place: RequestPlace) throws(LLMError) -> Content {
    let name = file.string("filename")
    if let data = (file["file_data"] ?? file["file_url"] ?? file["url"])?.string {
      return .file(MediaSource(url: data), name: name)
    }
    if let id = file.string("file_id") { return .file(.fileID(id), name: name) }
    throw LLMError(
      .invalidRequest, "a file part needs {\"file\":{\"file_data\":…}} or {\"file\":{\"file_id\":…}}",
      param: place.pointer + "/file")
  }
}

/// A tool call that a message of the model's carries.
public final class ChatToolCall {
  /// The call as the caller wrote it.
  public let json: JSON
  private let function: JSON
  /// Its id.
  public var id: String { json.string("id") ?? "" }
  /// The tool's name.
  public var name: String { function.string("name") ?? "" }
  /// The arguments as JSON text.
  public var arguments: String {
    let input = function["arguments"] ?? function["input"]
    return input?.string ?? input?.text ?? "{}"
  }
  /// Whether its input is plain text (OpenAI's custom tools).
  public var isCustom: Bool { json["function"] == nil && json["custom"] != nil }
  /// `extra_content`, with signatures that go back with the call.
  public var extraContent: JSON? { json["extra_content"] }

  /// The arguments as an object, for services that want objects; what is no JSON object becomes an empty one.
  public var argumentsObject: JSON {
    do throws(JSONSyntaxError) {
      let value = try JSON.parse(arguments)
      if value.isObject { return value }
    } catch {}
    return .object()
  }

  convenience init(_ json: JSON, at place: RequestPlace) throws(LLMError) {
    guard let function = json["function"] ?? json["custom"], function["name"]?.isString == true else {
      throw LLMError(
        .invalidRequest, "a tool call needs {\"function\":{\"name\":…}}", param: place.pointer + "/function/name")
    }
    self.init(json, function: function)
  }

  private init(_ json: JSON, function: JSON) {
    self.json = json
    self.function = function
  }
}

/// One message.
public final class ChatMessage {
  /// Who speaks.
  public let role: ChatRole
  /// What is said; a plain string is one text part.
  public let parts: [ChatPart]
  /// The tools that the model called.
  public let toolCalls: [ChatToolCall]
  /// The message as the caller wrote it.
  public let json: JSON
  private let place: RequestPlace
  /// Where it stands in the caller's document.
  public var pointer: String { place.pointer }
  /// Which call a tool's message answers.
  public var toolCallID: String? { json.string("tool_call_id") }

  /// The name of the speaker, or of the tool that answers.
  public var name: String? { json.string("name") }
  /// The thinking that the model's message came with.
  public var reasoningContent: String? { (json["reasoning_content"] ?? json["reasoning"])?.string }
  /// The details of it, with signatures.
  public var reasoningDetails: [JSON] { json.elements("reasoning_details") }
  /// `extra_content`: what a dialect put there to have it back.
  public var extraContent: JSON? { json["extra_content"] }
  /// `cache_control` of the message as a whole.
  public var cacheControl: JSON? { json["cache_control"] }
  /// All text parts, one after the other.
  public var text: String { parts.reduce("") { $0 + ($1.text ?? "") } }

  convenience init(_ json: JSON, at place: RequestPlace) throws(LLMError) {
    guard json.isObject else {
      throw LLMError(.invalidRequest, "a message is an object with \"role\" and \"content\"", param: place.pointer)
    }
    guard let word = json.string("role") else {
      throw LLMError(.invalidRequest, "the message has no \"role\"", param: place.pointer + "/role")
    }
    guard let role = ChatRole(name: word) else {
      throw LLMError(
        .invalidRequest, "\"\(word)\" is no role; roles are system, developer, user, assistant and tool",
        param: place.pointer + "/role")
    }
    let toolCalls = try ChatMessage.readToolCalls(json, at: place)
    let parts = try ChatMessage.readParts(json, at: place)
    if parts.isEmpty, toolCalls.isEmpty, !json.has("content"), role != .assistant {
      throw LLMError(.invalidRequest, "the message has no \"content\"", param: place.pointer + "/content")
    }
    self.init(json, at: place, role: role, parts: parts, toolCalls: toolCalls)
  }

  private init(_ json: JSON, at place: RequestPlace, role: ChatRole, parts: [ChatPart], toolCalls: [ChatToolCall]) {
    self.json = json
    self.place = place
    self.role = role
    self.parts = parts
    self.toolCalls = toolCalls
  }

  private static func readToolCalls(_ json: JSON, at place: RequestPlace) throws(LLMError) -> [ChatToolCall] {
    guard let list = json["tool_calls"] else { return [] }
    var calls: [ChatToolCall] = []
    var place = place
    place.member = "tool_calls"
    for (index, call) in list.elements.enumerated() {
      place.element = index
      calls.append(try ChatToolCall(call, at: place))
    }
    return calls
  }

  private static func readParts(_ json: JSON, at place: RequestPlace) throws(LLMError) -> [ChatPart] {
    guard let content = json["content"] else { return [] }
    var place = place
    place.member = "content"
    if content.isString { return [ChatPart(text: content, at: place)] }
    guard content.isArray else {
      throw LLMError(
        .invalidRequest, "content is a string or an array of content parts", param: place.pointer)
    }
    var parts: [ChatPart] = []
    for (index, part) in content.elements.enumerated() {
      place.element = index
      parts.append(try ChatPart(part, at: place))
    }
    return parts
  }
}

extension [ChatPart] {
  /// What a service is to get for each part; nothing for those that `convert` drops.
  func converted(_ convert: (ChatPart) throws(LLMError) -> JSON?) throws(LLMError) -> [JSON] {
    var documents: [JSON] = []
    for part in self {
      if let document = try convert(part) { documents.append(document) }
    }
    return documents
  }
}

extension ChatMessage {
  /// Whether it still says what a service had said: that text, and these calls of tools.
  func agrees(text: String, calls: [JSON], identifiedBy id: StaticText) -> Bool {
    guard text == self.text, calls.count == toolCalls.count else { return false }
    return zip(calls, toolCalls).allSatisfy { said, call in
      said.string(id) == call.id && said.string("name") == call.name
        && (said["input"] ?? .object()).equals(call.argumentsObject)
    }
  }
}

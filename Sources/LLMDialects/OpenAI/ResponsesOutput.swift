import LLMConfig
import LLMCore

extension ResponsesDecoder {
  func readStart(of json: JSON?, _ item: Item, _ builder: ResponseBuilder) throws(LLMError) {
    guard let json else { return }
    if json.says("type", "reasoning") { builder.openReasoning(block: item.index) }
    // A call is announced with its id; where that is still to come, so is the announcement.
    guard ResponsesItems.isCall(json), let id = json.string("call_id") else { return }
    let isCustom = json.says("type", "custom_tool_call")
    _ = try tool(of: item, id: id, name: json.string("name"), isCustom: isCustom, builder)
  }

  /// An item that is whole: what its deltas left out.
  func readWhole(_ json: JSON?, _ item: Item, _ builder: ResponseBuilder) throws(LLMError) {
    guard let json, json.isObject, item.whole == nil else { return }
    item.whole = json
    switch json.string("type") {
    case "message": readMessage(json, item, builder)
    case "reasoning": readReasoning(json, item, builder)
    case "function_call": try readCall(json, arguments: json["arguments"], item, builder)
    case "custom_tool_call": try readCall(json, arguments: json["input"], item, builder)
    default: readOther(json, item, builder)
    }
  }

  private func readMessage(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    let parts = json.elements("content")
    let hadText = item.textStart != nil
    complete(.text, from: item.textStart, with: parts.compactMap { $0["text"] }, item, builder)
    for part in parts {
      if !item.hasRefusal { builder.refusal(part["refusal"]) }
      if !hadText, let logprobs = part["logprobs"], logprobs.count > 0 { readLogprobs(logprobs, builder) }
    }
    for annotation in parts.flatMap({ $0.elements("annotations") }).dropFirst(item.annotationCount) {
      builder.source(ResponsesItems.annotation(annotation))
    }
  }

  private func readReasoning(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    builder.openReasoning(block: item.index)
    let parts = json.elements("summary") + json.elements("content")
    complete(.reasoning, from: item.reasoningStart, with: parts.compactMap { $0["text"] }, item, builder)
    for detail in ResponsesItems.details(of: json) { builder.reasoningDetail(detail) }
  }

  /// Adds what the deltas of an item left out, which may be all of it.
  func complete(
    _ kind: AnswerBlock.Kind, from start: Int?, with texts: [JSON], _ item: Item, _ builder: ResponseBuilder
  ) {
    let whole = ByteBuffer()
    for text in texts {
      if let bytes = text.stringBytes { whole.append(bytes) }
    }
    builder.complete(kind, from: start ?? builder.length(of: kind), with: whole, block: item.index)
  }

  private func readCall(
    _ json: JSON, arguments: JSON?, _ item: Item, _ builder: ResponseBuilder
  ) throws(LLMError) {
    let isCustom = json.says("type", "custom_tool_call")
    let id = json.string("call_id") ?? json.string("id")
    let tool = try tool(of: item, id: id, name: json.string("name"), isCustom: isCustom, builder)
    if !item.hasArguments { builder.toolArguments(tool, arguments) }
    builder.endTool(tool)
  }

  /// A call of one of the service's own tools, or something new: kept as it is, with what it found.
  private func readOther(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    builder.opaque(json, block: item.index)
    for source in ResponsesItems.sources(of: json) { builder.source(source) }
    guard json.says("type", "image_generation_call"), let data = json.string("result") else { return }
    let url = JSON.object()
    url.set("url", formatted("data:image/\(json.string("output_format") ?? "png");base64,\(data)"))
    let images = builder.messageExtra("images") ?? .array()
    images.append(.typed("image_url", "image_url", url))
    builder.setMessageExtra("images", images)
  }

  func readEnd(_ response: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    readHead(response, builder)
    for (index, json) in response.elements("output").enumerated() where builder.excess == nil {
      try readWhole(json, item(json.string("id"), at: index, builder), builder)
    }
    items = items.inOrder { $0.index < $1.index }
    builder.setExtra("service_tier", response["service_tier"])
    if let said = response["usage"], said.isObject {
      let usage = Usage(responses: said)
      let searches = response.elements("output").filter { ResponsesDecoder.isSearch($0) }.count
      if searches > 0 { usage.paid.searches = Int64(searches) }
      builder.report(usage)
    }
    if response["error"] != nil { throw ServiceError(response).error(status: nil, stage: .stream) }
    try readFinish(response, builder)
  }

  /// A search is paid for; opening a page that it found is not.
  private static func isSearch(_ item: JSON) -> Bool {
    item.says("type", "web_search_call") && item.string("action", "type") ?? "search" == "search"
  }

  private func readFinish(_ response: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    let status = response.string("status") ?? "completed"
    switch status {
    case "incomplete": builder.finish(response.string("incomplete_details", "reason") ?? "max_output_tokens")
    case "failed":
      throw LLMError(
        .serverError, "the service says that the response failed, and not why", stage: .stream, providerError: response)
    case "completed": builder.finish(.stop, raw: status)
    default: builder.finish(.error, raw: status)
    }
  }
}

extension Usage {
  /// The same under the names of Responses.
  fileprivate convenience init(responses usage: JSON) {
    self.init()
    prompt = usage.tokens("input_tokens")
    completion = usage.tokens("output_tokens")
    total = usage.tokens("total_tokens")
    cached = usage.tokens("input_tokens_details", "cached_tokens")
    cacheWrite = usage.tokens("input_tokens_details", "cache_write_tokens")
    reasoning = usage.tokens("output_tokens_details", "reasoning_tokens")
    paid = PaidDetails(
      openAI: usage, input: usage["input_tokens_details"], output: usage["output_tokens_details"])
    let rest = usage.copy()
    for name in ["input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details"] {
      rest.remove(named: name)
    }
    extra = rest
  }
}

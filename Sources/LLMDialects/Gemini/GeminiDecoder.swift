import LLMConfig
import LLMCore
import LLMWire

/// What is known of one candidate besides what the builder keeps.
private final class GeminiCandidate {
  let index: Int
  /// Parts with a signature are blocks of their own: each raises the number of the blocks that follow.
  var block = 0
  var hasSignature = false
  var hasOpaqueParts = false
  var serviceIDs: [String] = []
  var openCall: GeminiPartialCall?
  var grounding: JSON?
  var citations: [JSON] = []

  init(index: Int) { self.index = index }

  /// Whether plain text and tool calls do not say all that the next turn needs.
  var needsParts: Bool { hasSignature || hasOpaqueParts || !serviceIDs.isEmpty }
}

/// Reads chunks and whole answers. A chunk of one piece of text and nothing else of interest is matched in place.
final class GeminiDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotPath = HotPath(GeminiDecoder.hotFields)
  private var candidates: [GeminiCandidate] = []
  /// The first chunk tells what the hot path skips (id, model, prompt tokens), and is always parsed.
  private var hasReadFirst = false

  private static let candidateSlot = 0
  private static let hotFields: [HotField] = [
    HotField("candidates.0.content.parts.0.text", .text), HotField("candidates.0.content.role", .skip),
    HotField("candidates.0.index", .integer(candidateSlot)), HotField("candidates.0.finishReason", .null),
    HotField("candidates.0.safetyRatings", .skip), HotField("usageMetadata", .skip), HotField("modelVersion", .skip),
    HotField("responseId", .skip), HotField("createTime", .skip),
  ]

  init(_ context: RequestContext) { self.context = context }

  private func candidate(_ index: Int) -> GeminiCandidate {
    if let known = candidates.first(where: { $0.index == index }) { return known }
    let made = GeminiCandidate(index: index)
    candidates.append(made)
    return made
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data) {
      guard hotPath.kind == .text else { return }
      let index = hotPath.integer(Self.candidateSlot)
      return builder.text(hotPath.payload, choice: index, block: candidate(index).block)
    }
    // A proxy's habit, not Google's.
    if frame.data.starts(with: "[DONE]".utf8) { return builder.endStream() }
    let document = try builder.readJSON(frame.data)
    for chunk in document.isArray ? document.elements : [document] { try read(chunk, into: builder) }
    hasReadFirst = true
  }

  /// Without `alt=sse` a stream is one JSON array of chunks.
  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body.isArray else {
      try read(body, into: builder)
      if builder.choiceIndices.isEmpty {
        throw LLMError(.protocol, "the service's answer has no candidates", stage: .decode, providerError: body)
      }
      return
    }
    for chunk in body.elements { try read(chunk, into: builder) }
    if !builder.isComplete {
      throw LLMError(
        .streamTruncated, "the stream ended before the answer did; what had arrived is in `partial`", stage: .stream)
    }
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    for candidate in candidates {
      if builder.isComplete { closeCall(candidate, builder) }
      tellSources(candidate, builder)
      countSearches(candidate, builder)
      keepParts(candidate, builder)
    }
  }

  private func keepParts(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    let kept = JSON.object()
    if candidate.needsParts {
      kept.set(
        "content", GeminiParts.make(builder, choice: candidate.index, serviceIDs: candidate.serviceIDs))
    }
    kept.set("grounding_metadata", candidate.grounding)
    if kept.count > 0 { builder.setExtraContent("google", kept, choice: candidate.index) }
    if candidate.hasSignature { GeminiParts.addReasoningDetails(builder, choice: candidate.index) }
  }

  // MARK: Chunks

  private func read(_ chunk: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard chunk.isObject else { return }
    if chunk["error"] != nil { throw GeminiError.read(chunk).error(status: nil, stage: .stream) }
    builder.response(
      id: chunk.string("responseId"), model: chunk.string("modelVersion"),
      created: Timestamp.unixSeconds(chunk.string("createTime")))
    for (place, answer) in chunk.elements("candidates").enumerated() where builder.excess == nil {
      try read(answer, candidate(Int(clamping: answer.int("index") ?? Int64(place))), into: builder)
    }
    if let feedback = chunk["promptFeedback"], let reason = feedback["blockReason"] {
      builder.setExtra("prompt_feedback", feedback)
      builder.finish(.contentFilter, raw: reason.string ?? reason.text)
    }
    if let usage = chunk["usageMetadata"] { builder.report(GeminiDecoder.usage(usage)) }
  }

  /// Thoughts are counted beside the answer's tokens, and what tools brought in beside the prompt's.
  private static func usage(_ metadata: JSON) -> Usage {
    let usage = Usage()
    let tools = metadata.tokens("toolUsePromptTokenCount")
    usage.prompt = metadata.tokens("promptTokenCount").map { $0 &+ (tools ?? 0) }
    usage.reasoning = metadata.tokens("thoughtsTokenCount")
    let answer = metadata.tokens("candidatesTokenCount") ?? metadata.tokens("responseTokenCount")
    if answer != nil || usage.reasoning != nil { usage.completion = (answer ?? 0) &+ (usage.reasoning ?? 0) }
    usage.total = metadata.tokens("totalTokenCount")
    usage.cached = metadata.tokens("cachedContentTokenCount")
    usage.paid = paid(metadata)
    if let tools { usage.extra = .make(["prompt_tokens_details": .make(["tool_use_tokens": .integer(tools)])]) }
    return usage
  }

  /// Tokens of sound and pictures stand in lists by kind; how it was served, under two names.
  private static func paid(_ metadata: JSON) -> PaidDetails {
    func count(_ list: StaticText, _ kind: StaticText) -> Int64? {
      metadata.elements(list).first { $0.says("modality", kind) }?.tokens("tokenCount")
    }
    func media(_ kind: StaticText) -> MediaTokens {
      MediaTokens(
        input: count("promptTokensDetails", kind), output: count("candidatesTokensDetails", kind),
        cached: count("cacheTokensDetails", kind))
    }
    var paid = PaidDetails()
    paid.audio = media("AUDIO")
    paid.image = media("IMAGE")
    if let tier = metadata.string("serviceTier") { paid.modes = [tier] }
    if let traffic = metadata.string("trafficType") {
      paid.modes.append(traffic.startsWith("ON_DEMAND_") ? traffic.dropping(bytes: 10) : traffic)
    }
    return paid
  }

  private func read(_ answer: JSON, _ candidate: GeminiCandidate, into builder: ResponseBuilder) throws(LLMError) {
    for part in answer["content", "parts"]?.elements ?? [] { try read(part: part, candidate, into: builder) }
    if let grounding = answer["groundingMetadata"], grounding.count > 0 {
      candidate.grounding = candidate.grounding?.copy() ?? .object()
      candidate.grounding?.merge(grounding)
    }
    let citations = answer["citationMetadata"]
    candidate.citations += (citations?["citations"] ?? citations?["citationSources"])?.elements ?? []
    if let logprobs = answer["logprobsResult"] {
      builder.logprobs(GeminiDecoder.logprobs(logprobs), choice: candidate.index)
    }
    if let reason = answer["finishReason"] { finish(answer, reason, candidate, builder) }
  }

  /// Words by number, for clients that ask for enumerations as numbers; further ones differ between the two services.
  private static let finishWords: [StaticText] = [
    "FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER",
  ]

  private func finish(_ answer: JSON, _ reason: JSON, _ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    let number = reason.int.map { Int(clamping: $0) } ?? -1
    let word = Self.finishWords.indices.contains(number) ? Self.finishWords[number].text : reason.string ?? reason.text
    builder.finish(word, choice: candidate.index)
    guard FinishReason(word: word) != .stop else { return }
    builder.setExtra("finish_message", answer["finishMessage"])
    builder.setExtra("safety_ratings", answer["safetyRatings"])
  }

  private static func logprobs(_ result: JSON) -> JSON {
    let content = JSON.array()
    let tops = result.elements("topCandidates")
    for (place, chosen) in result.elements("chosenCandidates").enumerated() {
      let entry = tokenLogprob(chosen)
      let top = place < tops.count ? tops[place].elements("candidates") : []
      entry.set("top_logprobs", .array(top.map { tokenLogprob($0) }))
      content.append(entry)
    }
    return .make(["content": content])
  }

  private static func tokenLogprob(_ candidate: JSON) -> JSON {
    .make(["token": candidate["token"], "logprob": candidate["logProbability"]])
  }

  // MARK: Parts

  private func read(part: JSON, _ candidate: GeminiCandidate, into builder: ResponseBuilder) throws(LLMError) {
    let signature = (part["thoughtSignature"] ?? part["thought_signature"])?.stringBytes
    if let call = part["functionCall"] {
      try read(call, signature: part["thoughtSignature"], candidate, into: builder)
    } else if part["text"] != nil || (signature != nil && part.count == 1) {
      read(text: part, signature, candidate, builder)
    } else if part.count > 0 {
      readOpaque(part, candidate, builder)
    }
    if signature != nil { candidate.hasSignature = true }
  }

  private func read(
    text part: JSON, _ signature: UnsafeRawBufferPointer?, _ candidate: GeminiCandidate, _ builder: ResponseBuilder
  ) {
    let isThought = part.bool("thought") ?? false
    if signature != nil { candidate.block &+= 1 }
    if isThought {
      builder.reasoning(part["text"], choice: candidate.index, block: candidate.block)
    } else {
      builder.text(part["text"], choice: candidate.index, block: candidate.block)
    }
    guard let signature else { return }
    builder.signature(signature, choice: candidate.index, block: candidate.block, on: isThought ? .reasoning : .text)
    candidate.block &+= 1
  }

  /// Pictures are shown in `images`, as OpenRouter does; code that the service ran, files and what is not known yet go
  /// back as they came.
  private func readOpaque(_ part: JSON, _ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    candidate.hasOpaqueParts = true
    builder.opaque(part, choice: candidate.index)
    guard let data = part.string("inlineData", "data"), let type = part.string("inlineData", "mimeType"),
      !(part.bool("thought") ?? false)
    else { return }
    if type.startsWith("image/") {
      let images = builder.messageExtra("images", choice: candidate.index) ?? .array()
      let url = JSON.make(["url": .string(formatted("data:\(type);base64,\(data)"))])
      images.append(.make(["type": .word("image_url"), "image_url": url]))
      builder.setMessageExtra("images", images, choice: candidate.index)
    } else if type.startsWith("audio/"), builder.messageExtra("audio", choice: candidate.index) == nil {
      builder.setMessageExtra(
        "audio", .make(["data": .string(data), "media_type": .string(type)]), choice: candidate.index)
    }
  }

  // MARK: Calls

  private func read(
    _ call: JSON, signature: JSON?, _ candidate: GeminiCandidate, into builder: ResponseBuilder
  ) throws(LLMError) {
    let isOpen = call.bool("willContinue") ?? false
    if let name = call.string("name"), !name.isEmpty {
      closeCall(candidate, builder)
      try begin(call, name, signature, candidate, builder, isOpen: isOpen)
    }
    candidate.openCall?.add(call.elements("partialArgs"))
    if !isOpen { closeCall(candidate, builder) }
  }

  private func begin(
    _ call: JSON, _ name: String, _ signature: JSON?, _ candidate: GeminiCandidate, _ builder: ResponseBuilder,
    isOpen: Bool
  ) throws(LLMError) {
    let id = call.string("id").flatMap { $0.isEmpty ? nil : $0 }
    let handle = try builder.beginTool(choice: candidate.index, id: id, name: name)
    if let id { candidate.serviceIDs.append(id) }
    if let signature {
      builder.setToolExtra(handle, .make(["google": .make(["thought_signature": signature])]))
    }
    if isOpen || call["partialArgs"] != nil {
      candidate.openCall = GeminiPartialCall(handle)
    } else {
      builder.toolArguments(handle, call["args"])
      builder.endTool(handle)
    }
  }

  private func closeCall(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    guard let call = candidate.openCall else { return }
    candidate.openCall = nil
    builder.toolArguments(call.handle, call.finish())
    builder.endTool(call.handle)
  }

  // MARK: Sources

  /// The third generation is paid by the query, those before by the answer that searched.
  private func countSearches(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    let queries = candidate.grounding?.elements("webSearchQueries").count ?? 0
    guard queries > 0 else { return }
    let isThird = GeminiModel(builder.responseModel ?? "").isThirdGeneration
    builder.usage.paid.searches = (builder.usage.paid.searches ?? 0) &+ (isThird ? Int64(queries) : 1)
  }

  private func tellSources(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    guard candidate.grounding != nil || !candidate.citations.isEmpty else { return }
    let text = ByteBuffer()
    for block in builder.blocks(choice: candidate.index) where block.kind == .text {
      text.append(builder.text(of: block, choice: candidate.index).string ?? "")
    }
    let sources = GeminiSources(text: text)
    if let grounding = candidate.grounding {
      sources.read(grounding: grounding) { source in
        builder.source(source, choice: candidate.index)
        return builder.excess == nil
      }
    }
    for citation in candidate.citations { builder.source(sources.read(citation: citation), choice: candidate.index) }
  }
}

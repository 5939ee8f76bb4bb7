import LLMConfig
import LLMCore

extension ResponseBuilder {
  /// A tool call within one answer, by the library's numbering.
  public struct ToolHandle {
    let choice: Int
    let place: Int
  }

  /// A new tool call. The input of a custom one is plain text.
  public func beginTool(
    choice index: Int = 0, id: String?, name: String?, serviceIndex: Int? = nil, isCustom: Bool = false
  ) throws(LLMError) -> ToolHandle {
    let parts = choice(index)
    guard parts.tools.count < context.endpoint.limits.toolCalls else {
      throw LLMError(.tooLarge, "the answer has more than \(parts.tools.count) tool calls", stage: .decode)
    }
    let call = ToolCallParts()
    call.serviceIndex = serviceIndex
    call.serviceID = id ?? ""
    call.isCustom = isCustom
    let handle = ToolHandle(choice: index, place: parts.tools.count)
    parts.blocks.append(
      AnswerBlock(kind: .tool, key: serviceIndex ?? -1, ordinal: parts.tools.count, start: 0, end: 0))
    parts.tools.append(call)
    complete(handle, id: id, name: name)
    return handle
  }

  /// What a later delta adds to a call's id and name. The call is announced once its name is known.
  public func complete(_ handle: ToolHandle, id: String?, name: String?) {
    guard let call = tool(handle) else { return }
    if call.serviceID.isEmpty, let id { call.serviceID = id }
    if call.name.isEmpty, let name { call.name.append(name) }
    guard !call.isAnnounced, !call.name.isEmpty else { return }
    call.isAnnounced = true
    call.id.append(call.serviceID.isEmpty ? context.makeID("call_") : call.serviceID)
    hasContent = true
    emit(toolEvent(.toolCall, call, handle))
    if !call.arguments.buffer.isEmpty { emitArguments(call, handle, from: 0) }
  }

  /// A piece of a call's arguments.
  public func toolArguments(_ handle: ToolHandle, _ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty, let call = tool(handle), !call.hasEnded else { return }
    let piece = call.arguments.joiner.join(bytes, scratch: scratch)
    guard !piece.isEmpty else { return }
    let start = call.arguments.buffer.count
    call.arguments.buffer.append(piece)
    if call.isAnnounced { emitArguments(call, handle, from: start) }
  }

  /// Arguments that come as text, or as an object where the service sends objects.
  public func toolArguments(_ handle: ToolHandle, _ value: JSON?) {
    guard let value else { return }
    if let text = value.stringBytes { return toolArguments(handle, text) }
    let buffer = ByteBuffer()
    value.write(into: buffer)
    toolArguments(handle, buffer.bytes)
  }

  /// `extra_content` of a call: a signature that goes back with it.
  public func setToolExtra(_ handle: ToolHandle, _ value: JSON) { tool(handle)?.extraContent = value }

  /// A call is whole.
  public func endTool(_ handle: ToolHandle) {
    guard let call = tool(handle), !call.hasEnded, call.isAnnounced else { return }
    flush(call.arguments) { bytes in
      let start = call.arguments.buffer.count
      call.arguments.buffer.append(bytes)
      emitArguments(call, handle, from: start)
    }
    if call.arguments.buffer.isEmpty, !call.isCustom {
      call.arguments.buffer.append("{}")
      emitArguments(call, handle, from: 0)
    }
    call.hasEnded = true
    emit(toolEvent(.toolCallEnd, call, handle))
  }

  /// Which call a delta in OpenAI's shape belongs to: by id, then by index, then by position; a new one where none fits.
  /// Services reuse or omit the index, repeat or omit the id; two calls never merge.
  public func toolForDelta(
    choice index: Int, id: String?, serviceIndex: Int?, name: String?, startsArguments: Bool, isCustom: Bool = false
  ) throws(LLMError) -> ToolHandle {
    let parts = choice(index)
    let id = id.flatMap { $0.isEmpty ? nil : $0 }
    let name = name.flatMap { $0.isEmpty ? nil : $0 }
    if let place = parts.place(id: id, serviceIndex: serviceIndex, name: name, startsArguments: startsArguments) {
      let handle = ToolHandle(choice: index, place: place)
      complete(handle, id: id, name: name)
      return handle
    }
    return try beginTool(choice: index, id: id, name: name, serviceIndex: serviceIndex, isCustom: isCustom)
  }

  /// The call that was begun last, if it is the one that the service numbers so; a service without numbers means 0.
  public func lastTool(choice index: Int, serviceIndex: Int) -> ToolHandle? {
    let tools = choice(index).tools
    guard let last = tools.last, last.isAnnounced, (last.serviceIndex ?? 0) == serviceIndex else { return nil }
    return ToolHandle(choice: index, place: tools.count - 1)
  }

  func tool(_ handle: ToolHandle) -> ToolCallParts? {
    let tools = choice(handle.choice).tools
    return handle.place < tools.count ? tools[handle.place] : nil
  }

  private func emitArguments(_ call: ToolCallParts, _ handle: ToolHandle, from start: Int) {
    guard sink != nil else { return }
    emit(toolEvent(.toolArguments, call, handle, data: call.arguments.buffer.terminatedBytes(from: start)))
  }

  private func toolEvent(
    _ kind: EventKind, _ call: ToolCallParts, _ handle: ToolHandle, data: UnsafeRawBufferPointer = Event.noData
  ) -> Event {
    Event(
      kind, choice: UInt32(truncatingIfNeeded: handle.choice), index: UInt32(truncatingIfNeeded: handle.place),
      data: data, id: call.id.terminated(), name: call.name.terminated())
  }

  func flush(_ channel: TextChannel, _ deliver: (UnsafeRawBufferPointer) -> Void) {
    guard channel.joiner.holdsBack else { return }
    let rest = channel.joiner.finish(scratch: scratch)
    if !rest.isEmpty { deliver(rest) }
  }
}

extension ChoiceParts {
  func place(id: String?, serviceIndex: Int?, name: String?, startsArguments: Bool) -> Int? {
    if let id, let known = tools.lastIndex(where: { $0.serviceID == id }) { return known }
    let indexed = serviceIndex.flatMap { number in tools.lastIndex { $0.serviceIndex == number } }
    if let indexed {
      let call = tools[indexed]
      if id != nil, name != nil, !call.serviceID.isEmpty { return nil }
      if id == nil, name != nil, startsArguments, call.hasWholeArguments { return nil }
      return indexed
    }
    if id != nil || name != nil { return nil }
    return tools.isEmpty ? nil : tools.count - 1
  }
}

extension ToolCallParts {
  /// Whether the arguments are a whole JSON object: what follows under the same index is then another call.
  fileprivate var hasWholeArguments: Bool {
    arguments.buffer.bytes.last == UInt8(ascii: "}") && JSONScanner.isValid(arguments.buffer.bytes)
  }
}

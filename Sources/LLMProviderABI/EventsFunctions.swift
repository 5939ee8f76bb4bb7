// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import LLMClient
import LLMCore

extension llm_event {
  init(_ event: Event, _ renderer: EventRenderer) {
    // Within the library a START and a RESPONSE have them too.
    let isOfTool = event.kind.rawValue >= EventKind.toolCall.rawValue
    self.init(
      struct_size: UInt32(MemoryLayout<llm_event>.size), type: event.kind.rawValue, choice: event.choice,
      index: event.index, data: event.data.baseAddress?.assumingMemoryBound(to: CChar.self), len: event.data.count,
      id: isOfTool ? event.id : nil, name: isOfTool ? event.name : nil,
      internal: UnsafeRawPointer(Unmanaged.passUnretained(renderer).toOpaque()))
  }
}

/// Hands events to a C callback.
final class CallbackSink: EventSink {
  private let callback: llm_event_fn
  private let userData: UnsafeMutableRawPointer?
  private let renderer: EventRenderer
  private let takesNotes: Bool

  /// The renderer is the sink's own unless somebody else keeps one and notes for it.
  init(_ callback: @escaping llm_event_fn, _ userData: UnsafeMutableRawPointer?, renderer: EventRenderer? = nil) {
    self.callback = callback
    self.userData = userData
    self.renderer = renderer ?? EventRenderer(created: SystemClock.shared.unixSeconds)
    takesNotes = renderer == nil
  }

  func receive(_ event: Event) -> Bool {
    if takesNotes { renderer.note(event) }
    var event = llm_event(event, renderer)
    let goesOn = callback(&event, userData) == 0
    if renderer.hasRunOut { Memory.hasRunOut = true }
    return goesOn
  }
}

@_cdecl("llm_event_json") @implementation
public func llm_event_json(
  _ event: UnsafePointer<llm_event>!, _ len: UnsafeMutablePointer<Int>!
) -> UnsafePointer<CChar>! {
  len?.pointee = 0
  guard let event, let renderer = event.pointee.internal, let kind = EventKind(rawValue: event.pointee.type) else {
    return nil
  }
  let data = UnsafeRawBufferPointer(start: event.pointee.data, count: event.pointee.len)
  let plain = Event(
    kind, choice: event.pointee.choice, index: event.pointee.index, data: data, id: event.pointee.id,
    name: event.pointee.name)
  let rendered = Memory.watching {
    Unmanaged<EventRenderer>.fromOpaque(renderer).takeUnretainedValue().render(plain)
  }
  len?.pointee = rendered?.count ?? 0
  return rendered?.baseAddress?.assumingMemoryBound(to: CChar.self)
}

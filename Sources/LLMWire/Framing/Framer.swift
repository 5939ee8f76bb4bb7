import LLMCore

/// One message of a stream. Its bytes are valid only during the call that delivers it.
public struct Frame {
  /// The event's name; empty where the wire gave none.
  public var event: UnsafeRawBufferPointer
  /// The payload.
  public var data: UnsafeRawBufferPointer
  /// Whether an AWS event stream marked the message as an exception or an error.
  public var isBinaryException: Bool

  /// Makes a frame.
  public init(event: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, isBinaryException: Bool = false) {
    self.event = event
    self.data = data
    self.isBinaryException = isBinaryException
  }
}

/// Who takes the frames.
public protocol FrameSink: AnyObject {
  /// Takes a frame; false stops the framer for good.
  func receive(_ frame: Frame) -> Bool
  /// Takes notice of a comment, by which services show that they are still there.
  func receiveComment()
}

extension FrameSink {
  /// Most care for frames only.
  public func receiveComment() {}
}

/// Cuts a byte stream into frames, however the network cut it into pieces.
///
/// A frame that lies whole inside the fed bytes is delivered in place: nothing is copied or allocated. What is left
/// over is carried to the next piece, never more than the bound given at creation.
public protocol Framer: AnyObject {
  /// Takes the next piece and delivers the frames that it completes; false once the sink has stopped.
  func feed(_ bytes: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) -> Bool
  /// Says that the stream has ended, and delivers what that completes.
  func finish(into sink: any FrameSink) throws(LLMError)
}

extension LLMError {
  static func frameTooLarge(_ limit: Int) -> LLMError {
    LLMError(
      .tooLarge, "The service sent an event larger than \(limit) bytes; raise limits.max_event_bytes to allow it.",
      stage: .decode)
  }

  static func malformedFrame(_ message: Message) -> LLMError { LLMError(.protocol, message, stage: .decode) }

  static var noMemoryForFrame: LLMError {
    LLMError(.noMemory, "There is no memory for an event of the stream.", stage: .decode)
  }
}

extension ByteBuffer {
  /// Appends within a bound, so that a peer cannot make the buffer grow past it.
  func append(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(LLMError) {
    guard bytes.count <= limit &- count else { throw .frameTooLarge(limit) }
    append(bytes)
    if isExhausted { throw .noMemoryForFrame }
  }
}

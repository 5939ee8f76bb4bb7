/// A sentence for people, put together out of pieces. `String`'s own interpolation is inlined where it is used, some
/// hundred bytes of code a piece; sentences are made at many places and seldom, so here each piece is a call.
public struct Message: ExpressibleByStringInterpolation, Sendable {
  /// Appends the pieces to one buffer.
  public struct StringInterpolation: StringInterpolationProtocol {
    let buffer: ByteBuffer

    /// Starts a sentence.
    @inline(never)
    public init(literalCapacity: Int, interpolationCount: Int) {
      buffer = ByteBuffer(capacity: literalCapacity &+ 16 &* interpolationCount)
    }

    /// A piece known at compile time.
    @inline(never)
    public func appendLiteral(_ literal: StaticString) { appendInterpolation(StaticText(stringLiteral: literal)) }
    /// A name out of a table.
    @inline(never)
    public func appendInterpolation(_ word: StaticText) { buffer.append(word.utf8) }
    /// A piece of text.
    @inline(never)
    public func appendInterpolation(_ text: String) { buffer.append(text) }
    /// A name out of a table.
    @inline(never)
    public func appendInterpolation(_ text: StaticString) { buffer.append(text) }
    /// A number.
    @inline(never)
    public func appendInterpolation(_ number: Int) { buffer.append(integer: Int64(number)) }
    /// A number.
    @inline(never)
    public func appendInterpolation(_ number: Int64) { buffer.append(integer: number) }
    /// A number.
    @inline(never)
    public func appendInterpolation(_ number: Int32) { buffer.append(integer: Int64(number)) }
    /// A number.
    @inline(never)
    public func appendInterpolation(_ number: Double) { buffer.append("\(number)") }
  }

  /// The sentence.
  public let text: String

  /// A sentence known at compile time.
  @inline(never)
  public init(stringLiteral text: StaticString) { self.text = text.text }

  /// A sentence with pieces.
  @inline(never)
  public init(stringInterpolation pieces: StringInterpolation) { text = pieces.buffer.string }
}

/// A text with pieces where a `String` is wanted: `String`'s own interpolation is inlined at each use.
public func formatted(_ message: Message) -> String { message.text }

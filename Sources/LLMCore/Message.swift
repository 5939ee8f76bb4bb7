/// Text made by interpolation, out of line. Each piece of an interpolated `String` is some eighty bytes of code where
/// it stands; a library with hundreds of messages feels that.
public struct Message: ExpressibleByStringInterpolation, Sendable {
  /// The text.
  public let text: String

  /// Literal text.
  @inline(never)
  public init(stringLiteral value: String) { text = value }

  /// Text with values in it.
  @inline(never)
  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// What the compiler puts the pieces into.
  public struct StringInterpolation: StringInterpolationProtocol, Sendable {
    fileprivate var text = ""

    /// Starts empty.
    @inline(never)
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// A literal piece.
    @inline(never)
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Text.
    @inline(never)
    public mutating func appendInterpolation(_ value: String) { text += value }

    /// A number.
    @inline(never)
    public mutating func appendInterpolation(_ value: Int64) { text += "\(value)" }

    /// A number.
    @inline(never)
    public mutating func appendInterpolation(_ value: Int) { text += "\(value)" }
  }
}

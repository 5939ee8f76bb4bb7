import LLMCore

/// What a model's name tells of what it takes.
struct GeminiModel {
  /// The generation; nil for names that do not tell it: aliases ("gemini-flash-latest"), tuned models, endpoints.
  private let generation: (major: Int64, minor: Int64)?
  /// Of the larger sort, which always thinks.
  let isPro: Bool
  private let isGemma: Bool

  init(_ name: String) {
    isPro = name.containsText("-pro")
    isGemma = name.containsText("gemma")
    let words = name.pieces(separatedBy: UInt8(ascii: "-"))
    let number = words.firstIndex { $0.endsWith("gemini") }.flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    let digits = (number ?? "").pieces(separatedBy: UInt8(ascii: ".")).compactMap { $0.asInteger }
    generation = digits.first.map { ($0, digits.count > 1 ? digits[1] : 0) }
  }

  private func isAtLeast(_ major: Int64, _ minor: Int64) -> Bool? {
    generation.map { $0.major > major || ($0.major == major && $0.minor >= minor) }
  }

  /// Whether it thinks in levels and wants its thought signatures back.
  var isThirdGeneration: Bool { isAtLeast(3, 0) ?? false }
  /// The first model that thinks in levels knows only two of them.
  var knowsOnlyLowAndHigh: Bool { isPro && generation?.major == 3 && generation?.minor == 0 }
  /// Whether it thinks.
  var thinks: Bool { !isGemma && isAtLeast(2, 5) ?? true }
  /// Whether it takes JSON Schema as it is.
  var takesJSONSchema: Bool { !isGemma && isAtLeast(2, 5) ?? true }
}

/// Dates of HTTP ("Sun, 06 Nov 1994 08:49:37 GMT").
public enum HTTPDate {
  private static let months: [StaticText] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The moment; nil where it is none.
  public static func unixSeconds(_ text: String) -> Int64? {
    let words = text.trimmed.pieces(separatedBy: UInt8(ascii: " ")).filter { !$0.isEmpty }
    guard words.count >= 5, let day = words[1].asInteger, (1...31).contains(day),
      let month = months.firstIndex(where: { $0.text == words[2] }), let year = words[3].asInteger,
      (1970...9999).contains(year)
    else { return nil }
    let clock = words[4].pieces(separatedBy: UInt8(ascii: ":")).compactMap { $0.asInteger }
    guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
    return CivilDate(year: year, month: Int64(month) + 1, day: day).daysSince1970 * 86_400 + clock[0] * 3600
      + clock[1] * 60 + clock[2]
  }
}

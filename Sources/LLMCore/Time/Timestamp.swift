/// Moments as services write them in JSON (RFC 3339: "2026-05-04T20:01:02.26Z", "…+02:00").
public enum Timestamp {
  /// The moment; nil where it is none.
  public static func unixSeconds(_ text: String?) -> Int64? {
    guard let text, let zone = text.utf8.dropFirst(19).firstIndex(where: { "Zz+-".utf8.contains($0) }) else {
      return nil
    }
    let date = numbers(text.keeping(bytes: 10), separatedBy: UInt8(ascii: "-"))
    let clock = numbers(text.dropping(bytes: 11).keeping(bytes: 8), separatedBy: UInt8(ascii: ":"))
    guard let date, let clock, (1970...9999).contains(date[0]), (1...12).contains(date[1]),
      (1...31).contains(date[2]), clock[0] < 24, clock[1] < 60, clock[2] <= 60
    else { return nil }
    let days = CivilDate(year: date[0], month: date[1], day: date[2]).daysSince1970
    let local = days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    return offset(String(decoding: text.utf8[zone...], as: UTF8.self)).map { local - $0 }
  }

  private static func numbers(_ text: String, separatedBy separator: UInt8) -> [Int64]? {
    let values = text.pieces(separatedBy: separator).compactMap { $0.asInteger }
    return values.count == 3 && values.allSatisfy { $0 >= 0 } ? values : nil
  }

  /// How far east a zone is, in seconds: "Z", "+02:00".
  private static func offset(_ zone: String) -> Int64? {
    if zone.equalsIgnoringCase("Z") { return 0 }
    let parts = zone.dropping(bytes: 1).pieces(separatedBy: UInt8(ascii: ":")).compactMap { $0.asInteger }
    guard parts.count == 2, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]) else { return nil }
    let seconds = parts[0] * 3600 + parts[1] * 60
    return zone.startsWith("-") ? -seconds : seconds
  }
}

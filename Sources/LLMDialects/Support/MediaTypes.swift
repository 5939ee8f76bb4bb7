import LLMCore

/// Types of media by the end of a name, for services that want to be told.
enum MediaTypes {
  private static let rows: [(ending: StaticText, type: StaticText)] = [
    (".png", "image/png"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".webp", "image/webp"),
    (".gif", "image/gif"), (".heic", "image/heic"), (".heif", "image/heif"), (".pdf", "application/pdf"),
    (".txt", "text/plain"), (".md", "text/md"), (".csv", "text/csv"), (".html", "text/html"),
    (".json", "application/json"), (".mp3", "audio/mp3"), (".wav", "audio/wav"), (".ogg", "audio/ogg"),
    (".flac", "audio/flac"), (".aac", "audio/aac"), (".mp4", "video/mp4"), (".mov", "video/mov"),
    (".mpeg", "video/mpeg"), (".webm", "video/webm"),
  ]

  /// The type behind a name or an address, its query left aside.
  static func guess(_ name: String) -> String? {
    let path = name.pieces(separatedBy: UInt8(ascii: "?"))[0].asciiLowercased
    return rows.first { path.endsWith($0.ending.text) }?.type.text
  }
}

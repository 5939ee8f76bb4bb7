import CSystem
import Synchronization

/// Log lines of the whole library: silent unless the program or the environment asks.
public enum Log {
  /// How much a line matters.
  public enum Level: Int32, Sendable {
    case error = 1
    case warning = 2
    case info = 3
    case debug = 4

    /// The word in lines and in LLM_LOG.
    public var name: StaticText {
      switch self {
      case .error: "error"
      case .warning: "warn"
      case .info: "info"
      case .debug: "debug"
      }
    }
  }

  /// Who receives lines: level, text, and the receiver's own pointer.
  public typealias Receiver = @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

  private struct Setting: @unchecked Sendable {
    var receiver: Receiver?
    var level: Int32
    var userData: UnsafeMutableRawPointer?
  }

  private static let setting = Locked(Setting(receiver: nil, level: levelOfEnvironment, userData: nil))
  /// The level of the setting, for those who only want to know that nobody listens.
  private static let threshold = Atomic<Int32>(levelOfEnvironment)

  /// What descriptor 2 was when the library first looked, before it opened any itself; 0 where it was closed.
  private static let standardError = llm_descriptor_identity(STDERR_FILENO)

  /// Whether lines may go to descriptor 2. A program may have closed it, and something else may have got its number: what
  /// was closed at first stays so, and a socket must be the one that was there at first. (Terminals, files and pipes may
  /// be put in its place, as programs do whose log is turned over.)
  private static var hasStandardError: Bool {
    guard standardError != 0 else { return false }
    return !llm_is_socket(STDERR_FILENO) || llm_descriptor_identity(STDERR_FILENO) == standardError
  }

  /// LLM_LOG asks for lines on stderr.
  private static var levelOfEnvironment: Int32 {
    guard standardError != 0, let word = SystemEnvironment.shared.value(of: "LLM_LOG"), !word.isEmpty else { return 0 }
    var level: Int32 = 1
    while let known = Level(rawValue: level) {
      if known.name.text.equalsIgnoringCase(word) { return level }
      level += 1
    }
    if word.equalsIgnoringCase("warning") { return Level.warning.rawValue }
    complain(word)
    return 0
  }

  private static let hasComplained = Atomic<Bool>(false)

  /// Who asks for lines, and is misunderstood, is told so once.
  private static func complain(_ word: String) {
    if word.equalsIgnoringCase("off") || hasComplained.exchange(true, ordering: .relaxed) { return }
    print("LLM_LOG is \"\(oneLine(word))\", which is none of error, warn, info, debug and off")
  }

  /// Writes to stderr, with the time.
  private static func print(_ line: String) {
    guard hasStandardError else { return }
    let buffer = ByteBuffer()
    buffer.append(CivilDate.timestamp(SystemClock.shared.unixSeconds))
    buffer.append(" llm-provider: ")
    buffer.append(line)
    buffer.append("\n")
    _ = CSystem.write(STDERR_FILENO, buffer.bytes.baseAddress, buffer.count)
  }

  /// Whether lines of that level are wanted.
  public static func takes(_ level: Level) -> Bool { level.rawValue <= threshold.load(ordering: .relaxed) }

  /// Sets where lines go; without a receiver the environment's wish holds again.
  public static func set(_ receiver: Receiver?, level: Int32, userData: UnsafeMutableRawPointer?) {
    let chosen = receiver == nil ? levelOfEnvironment : level
    setting.withLock { $0 = Setting(receiver: receiver, level: chosen, userData: userData) }
    threshold.store(chosen, ordering: .relaxed)
  }

  /// What services say may hold line ends, or what a terminal obeys.
  private static func oneLine(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
  }

  /// Writes a line; the text is made only if somebody wants it.
  @inline(never)
  public static func write(_ level: Level, _ line: () -> Message) {
    guard takes(level) else { return }
    let current = setting.withLock { $0 }
    guard level.rawValue <= current.level else { return }
    guard let receiver = current.receiver else { return print(oneLine(line().text)) }
    let buffer = ByteBuffer()
    buffer.append(oneLine(line().text))
    receiver(level.rawValue, buffer.terminated(), current.userData)
  }
}

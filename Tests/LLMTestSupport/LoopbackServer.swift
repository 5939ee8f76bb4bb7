import Foundation

/// The server of Tests/server as a child process, which ends with this one.
public final class LoopbackServer: Sendable {
  /// What went wrong on the way up.
  public struct StartFailure: Error {
    public let reason: String
  }

  /// One for all the tests of a process: it serves many connections, and each script may be asked for under a tag of
  /// its own (`NAME~TAG`), with a position of its own.
  public static let shared = Result { try LoopbackServer() }

  /// Where plain HTTP is spoken.
  public let port: Int
  /// Where TLS is spoken.
  public let tlsPort: Int
  /// The ports on which TLS goes wrong, by how: stall, garbage, wrong-name, expired.
  public let faultyTLSPorts: [String: Int]
  /// The unix socket.
  public let unixSocket: String
  /// The authority that signed the server's certificate.
  public let authorityFile: String
  private let folder: String

  /// Builds the server if need be, and starts it.
  public init() throws {
    let executable = try LoopbackServer.built()
    folder = try LoopbackServer.makeFolder()
    unixSocket = folder + "/socket"
    authorityFile = folder + "/authority.pem"
    let faults = ["stall", "garbage", "wrong-name", "expired"]
    var arguments = [
      executable, "--port", "0", "--tls", "--unix", unixSocket, "--ca-out", authorityFile, "--until-stdin-closes",
      "--scripts", packageRoot.appending(path: "Tests/server/scripts").path,
    ]
    for fault in faults { arguments += ["--tls-fault", fault] }
    let ports = try LoopbackServer.start(arguments)
    port = try LoopbackServer.port("listening", of: ports)
    tlsPort = try LoopbackServer.port("listening-tls", of: ports)
    faultyTLSPorts = try Dictionary(
      uniqueKeysWithValues: faults.map { ($0, try LoopbackServer.port("listening-tls-" + $0, of: ports)) })
  }

  /// The address of a path, over plain HTTP.
  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }
  /// The address of a path, over TLS.
  public func tlsURL(_ path: String) -> String { "https://127.0.0.1:\(tlsPort)/\(path)" }

  private static func port(_ name: String, of ports: [String: Int]) throws -> Int {
    guard let port = ports[name] else { throw StartFailure(reason: "the server does not say \(name)") }
    return port
  }

  private static func built() throws -> String {
    let folder = packageRoot.appending(path: "Tests/server").path
    let make = Process()
    make.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    make.arguments = ["make", "-s", "-C", folder]
    try make.run()
    make.waitUntilExit()
    guard make.terminationStatus == 0 else {
      throw StartFailure(reason: "make -C \(folder) fails")
    }
    return folder + "/build/llm-test-server"
  }

  private static func makeFolder() throws -> String {
    var template = Array((NSTemporaryDirectory() + "/llm-test-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw StartFailure(reason: "no temporary folder") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Starts the server, without Foundation's threads that would watch over it, and reads the ports that it names, the plain one last. Its standard input stays open as long as
  /// this process lives.
  private static func start(_ arguments: [String]) throws -> [String: Int] {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    guard pipe(&input) == 0, pipe(&output) == 0 else { throw StartFailure(reason: "no pipe") }
    for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    var child = pid_t()
    let code = withCArguments(arguments) { posix_spawn(&child, arguments[0], &actions, nil, $0, nil) }
    close(input[0])
    close(output[1])
    guard code == 0 else { throw StartFailure(reason: String(cString: strerror(code))) }
    return readPorts(output[0])
  }

  private static func readPorts(_ descriptor: Int32) -> [String: Int] {
    var ports: [String: Int] = [:]
    guard let file = fdopen(descriptor, "r") else { return ports }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while ports["listening"] == nil, getline(&line, &capacity, file) > 0, let line {
      let words = String(cString: line).split(whereSeparator: \.isWhitespace)
      if words.count == 2, let port = Int(words[1]) { ports[String(words[0])] = port }
    }
    return ports
  }
}

/// Runs the body with the arguments as C wants them.
private func withCArguments<Result>(
  _ arguments: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  pointers.append(nil)
  return body(&pointers)
}

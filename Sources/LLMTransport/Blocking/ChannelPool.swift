import CSystem
import LLMCore

/// The channels of a provider. The one used last is used next, so that a connection stays warm and the others grow old
/// and are closed. Safe from any thread.
public final class ChannelPool: @unchecked Sendable {
  /// How often connections were opened and used again, and how many are idle.
  public struct Statistics: Sendable {
    /// Connections opened.
    public internal(set) var opened = 0
    /// Exchanges on a connection that had served before.
    public internal(set) var reused = 0
    /// Channels that keep a connection and have nothing to do.
    public internal(set) var idle = 0
  }

  private struct IdleChannel {
    var channel: Channel
    var since: Microseconds
  }

  private struct State {
    var caches: SharedCaches?
    /// Oldest first.
    var idle: [IdleChannel] = []
    var statistics = Statistics()
  }

  private let state = Locked(State())
  private let maximalIdleCount: Int
  private let maximalIdleAge: Microseconds

  /// Makes a pool that opens nothing until it is asked.
  public init(maximalIdleCount: Int = 64, maximalIdleAge: Microseconds = .milliseconds(90_000)) {
    self.maximalIdleCount = maximalIdleCount
    self.maximalIdleAge = maximalIdleAge
  }

  /// What happened so far.
  public var statistics: Statistics {
    state.withLock { state in
      var statistics = state.statistics
      statistics.idle = state.idle.count
      return statistics
    }
  }

  /// Closes the connections that have nothing to do. Those under way are not touched.
  public func dropIdle() {
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    close(idle)
  }

  /// A channel for one exchange; nil without memory.
  func checkOut(now: Microseconds) -> Channel? {
    var expired: [IdleChannel] = []
    var channel: Channel?
    let caches = state.withLock { state in
      expired = takeExpired(&state, now: now)
      channel = state.idle.popLast()?.channel
      if state.caches == nil { state.caches = SharedCaches.make() }
      return state.caches
    }
    close(expired)
    return channel ?? caches.flatMap { Channel.make(caches: $0) }
  }

  /// Takes back a channel whose exchange came to its end.
  func checkIn(_ channel: Channel, now: Microseconds) {
    let connectionsOpened = channel.connectionsOpened
    channel.connectionsOpened = 0
    let closing = state.withLock { state -> [IdleChannel] in
      if connectionsOpened == 0 { state.statistics.reused &+= 1 }
      state.statistics.opened &+= connectionsOpened
      var closing = takeExpired(&state, now: now)
      state.idle.append(IdleChannel(channel: channel, since: now))
      if state.idle.count > maximalIdleCount { closing.append(state.idle.removeFirst()) }
      return closing
    }
    close(closing)
  }

  /// Counts what an exchange that failed had opened; its channel is not used again.
  func discard(_ channel: Channel) {
    let connectionsOpened = channel.connectionsOpened
    channel.connectionsOpened = 0
    state.withLock { $0.statistics.opened &+= connectionsOpened }
  }

  private func takeExpired(_ state: inout State, now: Microseconds) -> [IdleChannel] {
    guard let oldest = state.idle.first, now &- oldest.since > maximalIdleAge else { return [] }
    let count = state.idle.firstIndex { now &- $0.since <= maximalIdleAge } ?? state.idle.count
    defer { state.idle.removeFirst(count) }
    return Array(state.idle[..<count])
  }
  /// Lets go of the last references. Done outside the lock, since closing a TLS connection takes a while.
  private func close(_ channels: consuming [IdleChannel]) { _ = consume channels }
}

import LLMCatalog
import LLMCore
import LLMPolicy
import LLMTransport

/// What there is to measure of a provider. The process's list of the living holds these and not the providers, so that
/// nobody is kept alive, or brought back while it is being freed, by somebody who reads metrics.
final class Meter: Sendable {
  let observation: Observation
  let pool: ChannelPool
  let gates: [any Gate]

  private static let living = Locked<[Meter]>([])

  init(_ observation: Observation, _ pool: ChannelPool, _ gates: [any Gate]) {
    self.observation = observation
    self.pool = pool
    self.gates = gates
    Meter.living.withLock { $0.append(self) }
  }

  /// The provider is gone.
  func leave() { Meter.living.withLock { meters in meters.removeAll { $0 === self } } }

  /// Those of all providers of the process.
  static var all: [Meter] { living.withLock { $0 } }
}

/// Metrics in Prometheus's text format, version 0.0.4.
public struct Metrics {
  /// The sum over the providers of one name and type: a series must not be told twice.
  private struct Series {
    let name: String
    let type: String
    var tally: Tally
    var connections: ChannelPool.Statistics
    var isAvailable: Bool
    /// What the first provider's gates say of themselves in a status document.
    let gates: JSON
  }

  /// Bounds of the histograms' buckets: powers of two of microseconds, 4 ms to 134 s.
  private static let exponents = 12...27

  private var series: [Series] = []
  private let buffer = ByteBuffer(capacity: 4096)

  /// Of one provider; nil for all of the process.
  public static func text(of provider: Provider?) -> ByteBuffer {
    var metrics = Metrics()
    for meter in provider.map({ [$0.meter] }) ?? Meter.all { metrics.add(meter) }
    metrics.write()
    return metrics.buffer
  }

  private mutating func add(_ meter: Meter) {
    let service = meter.observation.service
    let statistics = meter.observation.statistics
    let (tally, connections) = (statistics.snapshot, meter.pool.statistics)
    for place in series.indices where series[place].name == service.name && series[place].type == service.type {
      series[place].tally.merge(tally)
      series[place].connections.merge(connections)
      series[place].isAvailable = series[place].isAvailable && statistics.isAvailable
      return
    }
    let gates = JSON.object()
    for gate in meter.gates { gate.fill(gates, now: SystemClock.shared.now) }
    series.append(
      Series(
        name: service.name, type: service.type, tally: tally, connections: connections,
        isAvailable: statistics.isAvailable, gates: gates))
  }

  // MARK: Families

  private func write() {
    family("llm_calls_total", "counter", "Calls by how they ended: ok, or the code of the error.")
    for series in series { write("llm_calls_total", series, endings: series.tally.calls) }
    family("llm_attempts_total", "counter", "Requests to the service by how they ended.")
    for series in series { write("llm_attempts_total", series, endings: series.tally.attempts) }
    for (place, row) in Tally.counters.enumerated() {
      family(row.metric, "counter", row.help)
      for series in series { sample(row.metric, series, series.tally.counts[place]) }
    }
    family("llm_cost_usd_total", "counter", "What the answers cost, in US dollars, as far as prices are known.")
    for series in series { sample("llm_cost_usd_total", series, series.tally.nanoDollars, decimals: 9) }
    numbers("llm_connections_opened_total", "counter", "Connections opened.") { Int64($0.connections.opened) }
    numbers("llm_connections_reused_total", "counter", "Requests sent on a connection that was open.") {
      Int64($0.connections.reused)
    }
    numbers("llm_connections_idle", "gauge", "Open connections without a request.") { Int64($0.connections.idle) }
    numbers("llm_calls_in_flight", "gauge", "Calls that have begun and not ended.") { $0.tally.inFlight }
    numbers("llm_available", "gauge", "Whether a call may be expected to be served: 1 or 0.") { $0.isAvailable ? 1 : 0 }
    for (place, row) in Tally.histograms.enumerated() {
      family(row.metric, "histogram", row.help)
      for series in series { write(row.metric, series, series.tally.measures[place]) }
    }
    writeGates()
  }

  /// Each number that gates tell: `limits.requests_left` is `llm_limits_requests_left`.
  private func writeGates() {
    let told = JSON.object()
    for (place, source) in series.enumerated() {
      for (group, members) in source.gates.members {
        for (key, value) in members.members where value.double != nil {
          let name = formatted("llm_\(group)_\(key)")
          if told.has(named: name) { continue }
          told.set(named: name, .boolean(true))
          buffer.append(formatted("# TYPE \(name) gauge\n"))
          for series in series[place...] {
            guard let value = series.gates[named: group]?[named: key], value.double != nil else { continue }
            buffer.append(name)
            appendLabels(series)
            value.write(into: buffer)
            buffer.append("\n")
          }
        }
      }
    }
  }

  private func numbers(_ name: Word, _ type: Word, _ help: Word, _ value: (Series) -> Int64) {
    family(name, type, help)
    for series in series { sample(name, series, value(series)) }
  }

  private func family(_ name: Word, _ type: Word, _ help: Word) {
    for (keyword, text): (Word, Word) in [("# HELP ", help), ("\n# TYPE ", type)] {
      for piece in [keyword, name, " ", text] { buffer.append(piece.utf8) }
    }
    buffer.append("\n")
  }

  private func write(_ name: Word, _ series: Series, endings: [Int64]) {
    for place in endings.indices where place == 0 || endings[place] > 0 {
      sample(name, series, endings[place], label: "code", Tally.name(ofEnding: place).text)
    }
  }

  private func write(_ name: Word, _ series: Series, _ histogram: Histogram) {
    for exponent in Self.exponents {
      let bound = ByteBuffer()
      bound.append(fixed: 1 << Int64(exponent), decimals: 6)
      sample(name, series, histogram.count(upToPowerOfTwo: exponent), suffix: "_bucket", label: "le", bound.string)
    }
    sample(name, series, histogram.count, suffix: "_bucket", label: "le", "+Inf")
    sample(name, series, histogram.sum, suffix: "_sum", decimals: 6)
    sample(name, series, histogram.count, suffix: "_count")
  }

  // MARK: Lines

  private func sample(
    _ name: Word, _ series: Series, _ value: Int64, suffix: Word = "", decimals: Int = 0, label: Word = "",
    _ labelValue: String = ""
  ) {
    buffer.append(name.utf8)
    buffer.append(suffix.utf8)
    appendLabels(series, label, labelValue)
    buffer.append(fixed: value, decimals: decimals)
    buffer.append("\n")
  }

  private func appendLabels(_ series: Series, _ label: Word = "", _ value: String = "") {
    buffer.append("{provider=")
    append(quoted: series.name)
    buffer.append(",type=")
    append(quoted: series.type)
    if !label.isEmpty {
      buffer.append(",")
      buffer.append(label.utf8)
      buffer.append("=")
      append(quoted: value)
    }
    buffer.append("} ")
  }

  private func append(quoted text: String) {
    buffer.append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): buffer.append("\\n")
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        buffer.append("\\")
        buffer.append(byte)
      default: buffer.append(byte)
      }
    }
    buffer.append("\"")
  }
}

extension ByteBuffer {
  /// Appends a number that is not negative, with the decimal point so many digits from its end.
  fileprivate func append(fixed value: Int64, decimals: Int) {
    var unit: Int64 = 1
    for _ in 0..<decimals { unit &*= 10 }
    append(integer: value / unit)
    guard decimals > 0 else { return }
    append(UInt8(ascii: "."))
    var rest = value % unit
    for _ in 0..<decimals {
      unit /= 10
      append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / max(unit, 1)))
      rest %= max(unit, 1)
    }
  }
}

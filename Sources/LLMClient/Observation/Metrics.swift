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
  func leave() {
    Meter.living.withLock { meters in
      for place in meters.indices where meters[place] === self {
        meters[place] = meters[meters.count - 1]
        meters.removeLast()
        return
      }
    }
  }

  /// Those of all providers of the process.
  static var all: [Meter] { living.withLock { $0 } }

  /// All that is counted.
  var counters: Counters {
    var counters = observation.statistics.snapshot
    let connections = pool.statistics
    counters[.connectionsOpened] = Int64(connections.opened)
    counters[.connectionsReused] = Int64(connections.reused)
    counters[.connectionsIdle] = Int64(connections.idle)
    return counters
  }
}

/// Metrics in Prometheus's text format, version 0.0.4.
public final class Metrics {
  /// The sum over the providers of one name and type: a series must not be told twice.
  private final class Series {
    let service: ObservedService
    let labels: String
    var counters: Counters

    init(_ service: ObservedService, _ counters: Counters) {
      self.service = service
      self.counters = counters
      // A type is a name out of a table, or one that a program registered.
      labels = formatted("{provider=\"\(Series.escaped(service.name))\",type=\"\(Series.escaped(service.type))")
    }

    private static func escaped(_ value: String) -> String {
      value.replacingAll("\\", with: "\\\\").replacingAll("\"", with: "\\\"").replacingAll("\n", with: "\\n")
    }
  }

  /// Bounds of the histograms' buckets: powers of two of microseconds, 4 ms to 134 s.
  private static let exponents = 12...27

  private var series: [Series] = []
  /// The samples of what gates tell, by the metric's name.
  private let gauges = JSON.object()
  private let buffer = ByteBuffer(capacity: 4096)

  private init() {}

  /// Of one provider, a router with its targets; nil for all of the process.
  public static func text(of provider: Provider?) -> ByteBuffer {
    let metrics = Metrics()
    if let provider {
      metrics.add(provider.meter)
      for target in provider.routing?.targets ?? [] { metrics.add(target.meter) }
    } else {
      for meter in Meter.all { metrics.add(meter) }
    }
    metrics.write()
    return metrics.buffer
  }

  private func add(_ meter: Meter) {
    let service = meter.observation.service
    for series in series where series.service.name == service.name && series.service.type == service.type {
      return series.counters.merge(meter.counters)
    }
    let new = Series(service, meter.counters)
    series.append(new)
    for gate in meter.gates { add(gate, new) }
  }

  /// Each number that a gate tells of itself, and its state: `rate_limit.requests.left` is
  /// `llm_rate_limit_requests_left`, `breaker.state` is a 1 with the label `state`.
  private func add(_ gate: any Gate, _ series: Series) {
    let told = JSON.object()
    gate.fill(told, now: SystemClock.shared.now)
    add("llm", told, series, depth: 0)
  }

  private func add(_ name: String, _ value: JSON, _ series: Series, depth: Int) {
    let deepest = 4
    if value.isObject, depth < deepest {
      for (key, member) in value.members { add(formatted("\(name)_\(key)"), member, series, depth: depth + 1) }
    } else if value.double != nil {
      add(name, series, "", value.text)
    } else if let state = value.string, name.endsWith("_state") {
      add(name, series, formatted("\",state=\"\(state)"), "1")
    }
  }

  private func add(_ name: String, _ series: Series, _ label: String, _ value: String) {
    let before = gauges[named: name]?.string ?? formatted("# TYPE \(name) gauge\n")
    gauges.set(named: name, .string(formatted("\(before)\(name)\(series.labels)\(label)\"} \(value)\n")))
  }

  // MARK: Families

  private func write() {
    write("llm_calls_total", "Calls by how they ended: ok, or the code of the error.", Counters.calls)
    write("llm_attempts_total", "Requests to the service by how they ended.", Counters.attempts)
    for (place, row) in Counters.rows.enumerated() {
      begin(row.metric, row.isGauge ? "gauge" : "counter", row.help)
      for series in series { sample(row.metric, series, series.counters.counts[place], decimals: row.decimals) }
    }
    for (place, row) in Counters.histograms.enumerated() {
      begin(row.metric, "histogram", row.help)
      for series in series { write(row.metric, series, series.counters.measures[place]) }
    }
    for (_, samples) in gauges.members { buffer.append(samples.string ?? "") }
  }

  private func begin(_ name: StaticText, _ type: StaticText, _ help: StaticText) {
    buffer.append(formatted("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"))
  }

  private func write(_ name: StaticText, _ help: StaticText, _ kind: Int) {
    begin(name, "counter", help)
    for series in series {
      for ending in 0..<Counters.endings where ending == 0 || series.counters.counts[kind + ending] > 0 {
        let label = formatted("\",code=\"\(Counters.name(ofEnding: ending))")
        sample(name, series, series.counters.counts[kind + ending], label: label)
      }
    }
  }

  private func write(_ name: StaticText, _ series: Series, _ histogram: Histogram) {
    for exponent in Self.exponents {
      let label = ByteBuffer()
      label.append("\",le=\"")
      label.append(fixed: 1 << Int64(exponent), decimals: 6)
      sample(name, series, histogram.count(upToPowerOfTwo: exponent), suffix: "_bucket", label: label.string)
    }
    sample(name, series, histogram.count, suffix: "_bucket", label: "\",le=\"+Inf")
    sample(name, series, histogram.sum, suffix: "_sum", decimals: 6)
    sample(name, series, histogram.count, suffix: "_count")
  }

  private func sample(
    _ name: StaticText, _ series: Series, _ value: Int64, suffix: StaticText = "", decimals: Int = 0, label: String = ""
  ) {
    buffer.append(formatted("\(name)\(suffix)\(series.labels)\(label)\"} "))
    buffer.append(fixed: value, decimals: decimals)
    buffer.append("\n")
  }
}

extension ByteBuffer {
  /// Appends a number that is not negative, with the decimal point so many digits from its end.
  fileprivate func append(fixed value: Int64, decimals: Int) {
    var unit: Int64 = 1
    for _ in 0..<decimals { unit &*= 10 }
    append(integer: value / unit)
    if decimals > 0 { append(".") }
    while unit > 1 {
      unit /= 10
      append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / unit % 10))
    }
  }
}

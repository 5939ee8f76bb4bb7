import LLMCore
import LLMPolicy
import LLMTransport

/// What there is to measure of a provider. The process's list of the living holds these and not the providers, so that
/// nobody is kept alive, or brought back while it is being freed, by somebody who reads metrics.
final class Meter: Sendable {
  let observation: Observation
  let pool: ChannelPool
  let gates: [any Gate]
  /// A router's targets: what it is worth is what they are.
  private let targets: [Observation]

  private static let living = Locked<[Meter]>([])

  init(_ observation: Observation, _ pool: ChannelPool, _ gates: [any Gate], _ targets: [Observation] = []) {
    self.observation = observation
    self.pool = pool
    self.gates = gates
    self.targets = targets
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

  /// Whether a call made now may be expected to be served.
  var isAvailable: Bool {
    if targets.isEmpty { return observation.statistics.isAvailable }
    for target in targets where target.statistics.isAvailable { return true }
    return false
  }

  /// What is counted of each model, and what is told of the provider as a whole.
  var reading: (models: [Statistics.PerModel], whole: Counters) {
    let counted = observation.statistics.snapshot
    let (opened, reused) = observation.statistics.routedConnections
    var whole = counted.gauges
    let connections = pool.statistics
    whole[.connectionsOpened] = Int64(connections.opened) &+ opened
    whole[.connectionsReused] = Int64(connections.reused) &+ reused
    whole[.connectionsIdle] = Int64(connections.idle)
    return (counted.models, whole)
  }
}

/// Metrics in Prometheus's text format, version 0.0.4. Each attempt is counted once, by the provider that it asked; what
/// routers count of whole calls stands under names of its own.
public final class Metrics {
  /// The sum over the providers of one name and type, and over the models of one name: a series must not be told twice.
  private final class Series {
    let service: ObservedService
    /// Nil for what is told of the provider as a whole.
    let model: String?
    let labels: String
    var counters: Counters

    init(_ service: ObservedService, _ model: String?, _ counters: Counters) {
      self.service = service
      self.model = model
      self.counters = counters
      // A type is a name out of a table, or one that a program registered.
      let provider = formatted("{provider=\"\(Series.escaped(service.name))\",type=\"\(Series.escaped(service.type))")
      guard let model, !model.isEmpty else {
        labels = provider
        return
      }
      labels = formatted("\(provider)\",model=\"\(Series.escaped(model))")
    }

    private static func escaped(_ value: String) -> String {
      value.replacingAll("\\", with: "\\\\").replacingAll("\"", with: "\\\"").replacingAll("\n", with: "\\n")
    }
  }

  /// Bounds of the histograms' buckets: powers of two of microseconds, 4 ms to 134 s.
  private static let exponents = 12...27

  /// Of models.
  private var series: [Series] = []
  /// Of providers.
  private var wholes: [Series] = []
  /// Of routers: their calls, whose attempts are counted where they went.
  private var routers: [Series] = []
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
    let (models, whole) = meter.reading
    if service.isRouter {
      var calls = whole
      for model in models { calls.merge(model.counters) }
      calls[.available] = meter.isAvailable ? 1 : 0
      add(&routers, service, nil, calls)
      return
    }
    for model in models { add(&series, service, model.model, model.counters) }
    if add(&wholes, service, nil, whole), let series = wholes.last {
      for gate in meter.gates { add(gate, series) }
    }
  }

  /// Whether it is a new series.
  @discardableResult
  private func add(
    _ all: inout [Series], _ service: ObservedService, _ model: String?, _ counters: Counters
  ) -> Bool {
    for known in all
    where known.service.name == service.name && known.service.type == service.type && known.model == model {
      known.counters.merge(counters)
      return false
    }
    all.append(Series(service, model, counters))
    return true
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
    write("llm_calls_total", "Calls by how they ended: ok, or the code of the error.", Counters.calls, series)
    write("llm_attempts_total", "Requests to the service by how they ended.", Counters.attempts, series)
    for (place, row) in Counters.rows.enumerated() {
      begin(row.metric, row.isGauge ? "gauge" : "counter", row.help)
      let isOfProvider = place >= Counters.Number.connectionsOpened.rawValue
      for series in isOfProvider ? wholes : series {
        sample(row.metric, series, series.counters.counts[place], decimals: row.decimals)
      }
      if place == Counters.Number.connectionsIdle.rawValue {
        for router in routers { sample(row.metric, router, router.counters.counts[place]) }
      }
    }
    for (place, row) in Counters.histograms.enumerated() {
      begin(row.metric, "histogram", row.help)
      for series in series { write(row.metric, series, series.counters.measures[place]) }
    }
    if !routers.isEmpty { writeRouters() }
    for (_, samples) in gauges.members { buffer.append(samples.string ?? "") }
  }

  private func writeRouters() {
    write("llm_router_calls_total", "Calls to routers by how they ended, whoever was asked.", Counters.calls, routers)
    for (name, number, help): (StaticText, Counters.Number, StaticText) in [
      ("llm_router_calls_in_flight", .inFlight, "Calls to routers that have begun and not ended."),
      ("llm_router_available", .available, "Whether a target of the router may be expected to serve a call."),
    ] {
      begin(name, "gauge", help)
      for router in routers { sample(name, router, router.counters[number]) }
    }
    let name: StaticText = "llm_router_call_duration_seconds"
    begin(name, "histogram", "How long successful calls to routers took, with all their attempts and pauses.")
    for router in routers { write(name, router, router.counters.measures[Counters.Measure.call.rawValue]) }
  }

  private func begin(_ name: StaticText, _ type: StaticText, _ help: StaticText) {
    buffer.append(formatted("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"))
  }

  private func write(_ name: StaticText, _ help: StaticText, _ kind: Int, _ all: [Series]) {
    begin(name, "counter", help)
    for series in all {
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

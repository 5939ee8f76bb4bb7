import LLMConfig
import LLMCore
import LLMDialects

// A response that the caller fetches, on its way to events and a result:
//
//     new ──► reading ──► over
//
// `new` until the first bytes or the end, when START is told. `over` by the answer's own end, by the body's, by an error,
// or because the program wants no more; exactly one of FINISH, ERROR and CANCELLED tells it. There is no leave to ask
// for, no time and no second attempt: those are the caller's.

/// Decodes one response: an exchange and its builder, without a driver.
public final class Decoding {
  private enum Phase { case new, reading, over }

  private let request: CallRequest
  private let endpoint: Endpoint
  private let exchange: Exchange
  private let attempt: Attempt
  private let status: Int
  private let sink: any EventSink
  private var record: CallRecord
  private var phase = Phase.new
  /// Whether memory ran out in its work; what it has is not to be relied on then.
  private var hasLackedMemory = false
  /// How it ended; nil before.
  public private(set) var outcome: CallOutcome?

  /// Prepares to decode what a target answers with that status. All that can fail comes before the object.
  public convenience init(
    _ request: CallRequest, from target: Target, model: String?, status: Int, sink: any EventSink,
    random: any RandomSource, unixSeconds: Int64
  ) throws(LLMError) {
    guard !target.dialect.isLocal(request.operation) else {
      throw LLMError(
        .unsupported,
        "\(target.endpoint.profile.label) makes its answers itself: there is no response to decode")
    }
    let context = target.context(
      for: request, model: try target.resolve(request, chosen: model), settings: request.settings, random,
      unixSeconds: unixSeconds)
    self.init(
      request, target.endpoint, try Exchange.make(request, target, context, sink: sink), status, sink,
      CallRecord(requestID: request.settings.requestID ?? makeIdentifier("llm-", random)))
  }

  private init(
    _ request: CallRequest, _ endpoint: Endpoint, _ exchange: Exchange, _ status: Int, _ sink: any EventSink,
    _ record: CallRecord
  ) {
    self.request = request
    self.endpoint = endpoint
    self.exchange = exchange
    self.status = status
    self.sink = sink
    self.record = record
    attempt = Attempt(
      number: 1, requestID: record.requestID, provider: endpoint.name, model: exchange.context.model)
    attempt.duration = 1
    self.record.startedAt = 0
    self.record.attempts = [attempt]
  }

  /// The next bytes of the body.
  public func receive(_ bytes: UnsafeRawBufferPointer) {
    begin()
    guard phase == .reading, !bytes.isEmpty else { return }
    do throws(LLMError) {
      switch try exchange.receive(bytes) {
      case .goesOn: break
      case .ended: finish()
      case .cancelled: fail(.callCancelled)
      }
    } catch { fail(error) }
  }

  /// The body has ended.
  public func finish() {
    begin()
    guard phase == .reading else { return }
    do throws(LLMError) {
      let (state, document) = try exchange.finish()
      if state == .cancelled { return fail(.callCancelled) }
      attempt.nanoDollars = exchange.cost?.nanoDollars
      end(.finish, nil, record.result(of: request, attempt, exchange, document, now: 0))
    } catch { fail(error) }
  }

  private func begin() {
    guard phase == .new else { return }
    phase = .reading
    guard sink.receive(.start, record.start(attempt, exchange), model: attempt.model) else {
      return fail(.callCancelled)
    }
    exchange.receive(head: HTTPHead(status: status))
  }

  /// Tells it that memory ran out in the work for it, of which the thread's mark will not be there when it goes on.
  public func noteNoMemory() { hasLackedMemory = true }

  private var hasRunOut: Bool { hasLackedMemory || Memory.hasRunOut }

  private func fail(_ failure: LLMError) {
    exchange.abandon()
    let failure = exchange.blotter.blot(failure)
    attempt.error = failure
    let error = record.completed(failure, last: attempt, provider: endpoint.name)
    end(error.code == .cancelled ? .cancelled : .error, error, record.failure(error, exchange))
  }

  private func end(_ kind: EventKind, _ error: LLMError?, _ result: ResultDocument) {
    var (kind, error, result) = (kind, error, result)
    if hasRunOut {
      kind = .error
      let (lack, document) = record.withoutMemory(last: attempt, provider: endpoint.name)
      (error, result) = (lack, document)
    }
    phase = .over
    attempt.usage = exchange.usage
    outcome = CallOutcome(request, record, error, result, last: attempt, exchange, now: 0)
    _ = sink.receive(kind, result)
  }
}

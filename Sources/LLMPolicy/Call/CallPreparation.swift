import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

// What an attempt is made of: its exchange, and what archive and gates are asked with. Nothing here changes the call's
// state but the list of attempts.

extension Call {
  /// Puts the request into words for a target.
  func makeExchange(_ candidate: Candidate, sink: (any EventSink)?, now: Microseconds) throws(LLMError) -> Exchange {
    let elapsed = record.startedAt.map { (now &- $0) / 1_000_000 } ?? 0
    let target = candidate.routeTarget.target
    let context = target.context(
      for: request, model: try target.resolve(request, chosen: candidate.model), settings: candidate.settings, random,
      unixSeconds: unixSeconds &+ elapsed)
    let encoded = try Memory.granted(request.document.footprint) { () throws(LLMError) in
      try Exchange.make(request, target, context, sink: sink)
    }
    guard let exchange = encoded else { throw .noMemory }
    if candidate.lacksHeaders {
      context.note(
        "dropped", "the request's header fields went to the provider that was asked first, and to no other",
        param: "/llm/extra_headers")
    }
    return exchange
  }

  /// The attempt that is next.
  func makeAttempt(_ candidate: Candidate, _ model: String) -> Attempt {
    Attempt(
      number: record.attempts.count + 1, requestID: record.requestID, provider: candidate.provider, model: model,
      isRetry: candidate.attempts > 1)
  }

  /// An attempt that could not even be put into words for its target.
  func noteUnsendable(_ candidate: Candidate, _ error: LLMError) {
    guard itinerary != nil else { return }
    let attempt = makeAttempt(candidate, candidate.model ?? "")
    attempt.error = error
    record.attempts.append(attempt)
  }

  // MARK: Leave

  /// Nil where nobody is to be asked.
  func makeAdmission(for exchange: Exchange, _ candidate: Candidate) -> Admission? {
    let routeTarget = candidate.routeTarget
    let query = routeTarget.archive == nil ? nil : makeArchiveQuery(for: exchange, candidate)
    let pass = routeTarget.gates.isEmpty || !request.operation.isGeneration ? nil : makePass(for: exchange, candidate)
    guard query != nil || pass != nil else { return nil }
    return Admission(routeTarget, query, pass)
  }

  /// What is made within the process is neither kept nor played.
  private func makeArchiveQuery(for exchange: Exchange, _ candidate: Candidate) -> ArchiveQuery? {
    guard case .http(let sent) = exchange.sending else { return nil }
    return ArchiveQuery(
      sent, provider: candidate.provider, model: exchange.context.model, settings: candidate.settings,
      unixSeconds: exchange.context.unixSeconds, waker: makeWakeFlag(), blotter: exchange.blotter)
  }

  private func makePass(for exchange: Exchange, _ candidate: Candidate) -> GatePass {
    let model = exchange.context.modelProfile
    let tokens = TokenEstimate.tokens(in: request, model)
    return GatePass(
      requestID: record.requestID, priority: candidate.settings.priority,
      estimatedTokens: tokens.prompt &+ tokens.answer,
      estimatedNanoDollars: model.flatMap { model in
        var details = PaidDetails()
        if let tier = request.document.string("service_tier") { details.modes = [tier] }
        let paid = PaidTokens(prompt: tokens.prompt, completion: tokens.answer, details: details)
        return Catalog.cost(of: paid, model: model, at: exchange.context.unixSeconds)?.nanoDollars
      },
      unixOffset: unixOffset ?? (unixSeconds &* 1_000_000 &- (record.startedAt ?? 0)), waker: makeWakeFlag())
  }
}

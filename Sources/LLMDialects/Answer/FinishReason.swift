import LLMCore

/// Why an answer ended, in the library's words.
public enum FinishReason: Sendable {
  case stop, length, toolCalls, contentFilter, error

  /// The word in documents.
  public var name: StaticText {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    case .error: "error"
    }
  }

  /// The reason behind a service's own word; a word nobody knows ends an answer like any other.
  public init(word: String) {
    for row in FinishReason.words where row.word.text.equalsIgnoringCase(word) {
      self = row.reason
      return
    }
    self = .stop
  }

  private static let words: [(word: StaticText, reason: FinishReason)] = [
    ("stop", .stop), ("end_turn", .stop), ("stop_sequence", .stop), ("eos", .stop), ("complete", .stop),
    ("completed", .stop), ("pause_turn", .stop), ("finish_reason_unspecified", .stop), ("load", .stop),
    ("length", .length), ("max_tokens", .length), ("max_output_tokens", .length), ("model_length", .length),
    ("model_context_window_exceeded", .length), ("max_tokens_reached", .length),
    ("tool_calls", .toolCalls), ("tool_use", .toolCalls), ("tool_call", .toolCalls), ("function_call", .toolCalls),
    ("content_filter", .contentFilter), ("refusal", .contentFilter), ("safety", .contentFilter),
    ("content_filtered", .contentFilter), ("guardrail_intervened", .contentFilter), ("recitation", .contentFilter),
    ("prohibited_content", .contentFilter), ("blocklist", .contentFilter), ("spii", .contentFilter),
    ("image_safety", .contentFilter), ("image_prohibited_content", .contentFilter),
    ("image_recitation", .contentFilter), ("model_armor", .contentFilter),
    ("error_toxic", .contentFilter), ("toxic", .contentFilter),
    ("language", .contentFilter), ("sensitive", .contentFilter),
    ("error", .error), ("error_limit", .length), ("malformed_function_call", .error),
    ("malformed_model_output", .error), ("malformed_response", .error), ("timeout", .error),
    ("malformed_tool_use", .error), ("unexpected_tool_call", .error), ("failed", .error), ("network_error", .error),
    ("insufficient_system_resource", .error), ("other", .error), ("too_many_tool_calls", .error),
    ("missing_thought_signature", .error), ("image_other", .error), ("no_image", .error),
  ]
}

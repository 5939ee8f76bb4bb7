import LLMCore

/// What a service found by searching, told beside the choices: often again in every chunk.
struct SearchResults {
  private var reported = 0

  /// The results with their titles, else the bare addresses.
  mutating func report(_ chunk: JSON, to builder: ResponseBuilder) {
    let results = chunk.elements("search_results")
    let found = results.isEmpty ? chunk.elements("citations") : results
    for result in found.dropFirst(reported) {
      let citation = result.isObject ? result : JSON.object()
      if !result.isObject { citation.set("url", result) }
      let source = JSON.object()
      source.set("type", "url_citation")
      source.set("url_citation", citation)
      builder.source(source)
    }
    reported = max(reported, found.count)
  }
}

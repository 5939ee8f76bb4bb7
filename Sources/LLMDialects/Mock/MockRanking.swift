import LLMCore

/// Documents by how many of the query's words they hold.
enum MockRanking {
  static func response(to request: JSON) -> JSON {
    let words = (request.string("query") ?? "").pieces(separatedBy: UInt8(ascii: " "))
    let results = JSON.array()
    for (index, document) in request.elements("documents").enumerated() {
      let text = document.string ?? document.string("text") ?? ""
      var found = 0
      for word in words where text.containsText(word, ignoringCase: true) { found += 1 }
      let result = JSON.object()
      result.set("index", index)
      result.set("relevance_score", .real(Double(found) / Double(max(words.count, 1))))
      results.append(result)
    }
    let response = JSON.object()
    response.set("results", results)
    return response
  }
}

import Foundation
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMPolicy

/// The estimate of tokens against the count of a real tokenizer (Tests/tokens).
@Suite struct TokenCounterTests {
  private func estimate(_ text: String) -> Int {
    var counter = TokenCounter()
    Array(text.utf8).withUnsafeBytes { counter.add($0) }
    return counter.tokens
  }

  @Test func withinFifteenPercentOnAverageAndFortyAtWorst() throws {
    let file = packageRoot.appending(path: "Tests/tokens/texts.json")
    let texts = try JSON.parse(String(contentsOf: file, encoding: .utf8)).elements
    #expect(texts.count > 30)
    var sum = 0.0
    for text in texts {
      let (said, counted) = (estimate(text.string("text") ?? ""), Double(text.int("o200k") ?? 1))
      let error = Double(said) / counted - 1
      #expect(abs(error) < 0.4, "\(text.string("name") ?? ""): \(said) for \(counted)")
      sum += abs(error)
    }
    print("mean error of the estimate: \(sum / Double(texts.count))")
    #expect(sum / Double(texts.count) < 0.15)
  }

  @Test func nothingIsNothing() {
    #expect(estimate("") == 0 && estimate(" ") == 0 && estimate("a") == 1 && estimate("1") == 1 && estimate("é") >= 1)
  }

  @Test func partsAreCountedTogether() {
    var counter = TokenCounter()
    for part in ["Hello", " world", ", 12345"] { Array(part.utf8).withUnsafeBytes { counter.add($0) } }
    #expect(counter.tokens >= estimate("Hello world, 12345"))
  }

  /// Cut characters and bytes that are none take no harm.
  @Test func anyBytes() {
    let random = SplitMix(seed: 3)
    for length in 0..<300 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var counter = TokenCounter()
      bytes.withUnsafeBytes { counter.add($0) }
      #expect(counter.tokens >= 0 && counter.tokens <= 2 * length + 1)
    }
  }
}

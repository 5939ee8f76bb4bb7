import LLMClient
import LLMCore
import Testing

/// What a handle makes of the catalogue.
struct CatalogueTests {
  private func provider() throws -> Provider {
    try Provider(JSON.parse(#"{"type":"openai","api_key":"k","base_url":"http://127.0.0.1:9","model":"gpt-4o-mini"}"#))
  }

  @Test func costIsTokensTimesPrices() throws {
    let decoder = try provider().decoder(for: JSON.parse(#"{"prompt":"hi"}"#), status: 200)
    let body =
      #"{"id":"1","choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"#
      + #""usage":{"prompt_tokens":1000000,"completion_tokens":1000000}}"#
    _ = Array(body.utf8).withUnsafeBytes { decoder.feed($0, to: nil) }
    let outcome = try #require(decoder.finish(to: nil))
    let cost = try #require(outcome.document["metadata"]?["cost"])
    let model = try provider().modelInfo("gpt-4o-mini")
    let input = try #require(cost["input"]?.double)
    let output = try #require(cost["output"]?.double)
    #expect(input > 0 && output > input)
    #expect(cost["total"]?.double == input + output)
    #expect(cost.string("currency") == "USD")
    #expect(model.string("id") == "gpt-4o-mini")
  }

  @Test func imagesForAModelWithoutVisionCostNoRoundTrip() throws {
    let request = try JSON.parse(
      #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":[{"type":"text","text":"?"},"#
        + #"{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}"#)
    let error = #expect(throws: LLMError.self) { try provider().chat(request) }
    #expect(error?.code == .unsupported)
    #expect(error?.param == "/messages/0/content/1")
  }

  @Test func aKnownModelIsDescribedWithoutTheNetwork() throws {
    let model = try provider().modelInfo(nil)
    #expect(model.string("id") == "gpt-4o-mini")
    #expect((model["context_window"]?.int ?? 0) > 0)
  }
}

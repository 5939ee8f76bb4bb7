import LLMCore
import LLMWire

/// Requests as documents, with the keys left out.
public enum RenderedRequest {
  /// Method, address, header fields and body; the body as JSON where it is that.
  public static func document(_ request: HTTPRequest) -> JSON {
    let document = JSON.object()
    document.set("method", .string(request.method))
    var url = request.url
    if let query = request.secretQuery {
      url += (url.containsText("?") ? "&" : "?") + query.name + "=" + Secret.redacted.text
    }
    document.set("url", url)
    let headers = JSON.object()
    for header in request.headers {
      headers.set(
        named: header.name, .string(header.secret == nil ? header.value : header.value + Secret.redacted.text))
    }
    document.set("headers", headers)
    if let body = request.body { document.set("body", read(body)) }
    return document
  }

  /// A body as JSON where it is that, else as a text.
  static func read(_ body: ByteBuffer) -> JSON {
    do throws(JSONSyntaxError) {
      return try JSON.read(body.bytes)
    } catch { return .string(body) }
  }
}

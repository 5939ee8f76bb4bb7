import LLMCore

enum MockModels {
  static var list: JSON {
    let models = ["mock", "mock-small"].map { name in
      let model = JSON.object()
      model.set("id", name)
      model.set("object", "model")
      model.set("owned_by", "llm-provider")
      return model
    }
    let list = JSON.object()
    list.set("object", "list")
    list.set("data", .array(models))
    return list
  }
}

// swift-tools-version: 6.2
import PackageDescription

// What ships is compiled as Embedded Swift (LLM_EMBEDDED=1): no runtime on the target, under 1 MiB.
// Without the variable the same sources build as ordinary Swift, for `swift test` and for Swift programs.
let isEmbedded = Context.environment["LLM_EMBEDDED"] == "1"
let common: [SwiftSetting] = isEmbedded ? [.enableExperimentalFeature("Embedded")] : []

func layer(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: common + settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.target(name: name), "LLMTestSupport"] + dependencies)
}

let package = Package(
  name: "llm-provider",
  products: [
    .library(name: "llmprovider", type: .dynamic, targets: ["LLMProviderABI"]),
    .library(
      name: "LLMProvider",
      targets: ["LLMClient", "LLMPolicy", "LLMCatalog", "LLMDialects", "LLMWire", "LLMCore"]),
  ],
  targets: [
    .systemLibrary(name: "CSystem"),
    .systemLibrary(name: "CLLMProvider", path: "include"),
    layer("LLMCore", ["CSystem"]),
    layer("LLMWire", ["LLMCore", "CSystem"]),
    layer("LLMDialects", ["LLMCore", "LLMWire", "CSystem"]),
    layer("LLMCatalog", ["LLMCore"]),
    layer("LLMPolicy", ["LLMCore", "LLMWire", "LLMDialects", "LLMCatalog"]),
    layer("LLMTransport", ["LLMCore", "CSystem"]),
    layer("LLMClient", ["LLMCore", "LLMWire", "LLMDialects", "LLMCatalog", "LLMPolicy", "LLMTransport"]),
    layer(
      "LLMProviderABI", ["LLMClient", "CLLMProvider"],
      settings: [.enableExperimentalFeature("CImplementation")]),
    .target(name: "LLMTestSupport", dependencies: ["LLMCore", "CSystem"], path: "Tests/LLMTestSupport"),
    tests(of: "LLMCore", ["CSystem"]),
    tests(of: "LLMWire", ["LLMCore", "CSystem"]),
    tests(of: "LLMDialects", ["LLMCore", "LLMWire"]),
    tests(of: "LLMCatalog", ["LLMCore"]),
    tests(of: "LLMPolicy", ["LLMCore", "LLMDialects", "LLMCatalog"]),
    tests(of: "LLMTransport", ["LLMCore", "CSystem"]),
    tests(of: "LLMClient", ["LLMCore", "LLMDialects", "LLMCatalog", "LLMPolicy"]),
    .testTarget(
      name: "LLMExtensionTests",
      dependencies: ["LLMCatalog", "LLMClient", "LLMPolicy", "LLMDialects", "LLMWire", "LLMCore", "LLMTestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

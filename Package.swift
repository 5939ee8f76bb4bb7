// swift-tools-version: 6.2
import PackageDescription

// What ships is compiled as Embedded Swift (LLM_EMBEDDED=1): no runtime on the target, under 1 MiB.
// Without the variable the same sources build as ordinary Swift, for `swift test` and for Swift programs.
let isEmbedded = Context.environment["LLM_EMBEDDED"] == "1"

/// The layers from the bottom up, and what each may import. Tests/layers.sh holds them to it.
let layers: [(name: String, dependencies: [Target.Dependency])] = [
  ("LLMCore", ["CSystem", "CMemory"]),
  ("LLMWire", ["LLMCore", "CSystem"]),
  ("LLMDialects", ["LLMCore", "LLMWire", "CSystem"]),
  ("LLMCatalog", ["LLMCore"]),
  ("LLMPolicy", ["LLMCore", "LLMWire", "LLMDialects", "LLMCatalog"]),
  ("LLMTransport", ["LLMCore", "CSystem"]),
  ("LLMClient", ["LLMCore", "LLMWire", "LLMDialects", "LLMCatalog", "LLMPolicy", "LLMTransport"]),
]

let implementsHeader = SwiftSetting.enableExperimentalFeature("CImplementation")
let embedded = SwiftSetting.enableExperimentalFeature("Embedded")

let modules: [Target] =
  layers.map { .target(name: $0.name, dependencies: $0.dependencies) } + [
    .target(name: "LLMProviderABI", dependencies: ["LLMClient", "CLLMProvider"], swiftSettings: [implementsHeader])
  ]

/// As one module, all layers together, what ships is a tenth smaller: nothing is compiled twice, and equal code is found
/// wherever it is. Only the names of the layers are modules then, so that they can be imported.
let oneModule: [Target] =
  layers.map { .target(name: $0.name, path: "build-aux/layers/\($0.name)", swiftSettings: [embedded]) } + [
    .target(name: "LLMEmbeddedUnicode", swiftSettings: [embedded]),
    .target(
      name: "LLMProviderABI",
      dependencies: ["CSystem", "CMemory", "CLLMProvider", "LLMEmbeddedUnicode"]
        + layers.map { .target(name: $0.name) },
      path: "Sources", exclude: ["CSystem", "CMemory", "LLMEmbeddedUnicode"],
      sources: layers.map { $0.name } + ["LLMProviderABI"],
      swiftSettings: [embedded, implementsHeader]),
  ]

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.target(name: name), "LLMTestSupport"] + dependencies)
}

let testing: [Target] = [
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
]

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
    .target(name: "CMemory"),
    .systemLibrary(name: "CLLMProvider", path: "include"),
  ] + (isEmbedded ? oneModule : modules + testing),
  swiftLanguageModes: [.v6]
)

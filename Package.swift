// swift-tools-version: 6.2
import PackageDescription

// What ships is compiled as Embedded Swift (LLM_EMBEDDED=1): no runtime on the target, under 1.25 MiB.
// Without the variable the same sources build as ordinary Swift, for `swift test` and for Swift programs.
let isEmbedded = Context.environment["LLM_EMBEDDED"] == "1"

/// The layers from the bottom up, and what each may import. Tests/layers.sh holds them to it.
let layers: [(name: String, dependencies: [Target.Dependency])] = [
  ("LLMCore", ["CSystem", "CMemory"]),
  ("LLMWire", ["LLMCore", "CSystem"]),
  ("LLMConfig", ["LLMCore"]),
  ("LLMCatalog", ["LLMCore", "LLMConfig"]),
  ("LLMDialects", ["LLMCore", "LLMWire", "LLMConfig", "CSystem"]),
  ("LLMPolicy", ["LLMCore", "LLMWire", "LLMConfig", "LLMCatalog", "LLMDialects"]),
  ("LLMTransport", ["LLMCore", "CSystem"]),
  (
    "LLMClient",
    ["LLMCore", "LLMWire", "LLMConfig", "LLMCatalog", "LLMDialects", "LLMPolicy", "LLMTransport"]
  ),
]

/// What a layer's folder tells people and tools; no source.
func pages(of layer: String, below folder: String = "") -> [String] {
  let pages = layer == "LLMCatalog" ? ["README.md", "Models/deviations.txt"] : ["README.md"]
  return pages.map { folder + $0 }
}

let implementsHeader = SwiftSetting.enableExperimentalFeature("CImplementation")
let embedded = SwiftSetting.enableExperimentalFeature("Embedded")

let modules: [Target] =
  layers.map { .target(name: $0.name, dependencies: $0.dependencies, exclude: pages(of: $0.name)) } + [
    .target(
      name: "LLMProviderABI", dependencies: ["LLMClient", "CLLMProvider"], exclude: pages(of: "LLMProviderABI"),
      swiftSettings: [implementsHeader])
  ]

/// The folders of the one module, and their pages.
let rooms: [String] = layers.map { $0.name } + ["LLMProviderABI"]
let allPages: [String] = rooms.flatMap { pages(of: $0, below: $0 + "/") }

/// As one module, all layers together, what ships is a tenth smaller: nothing is compiled twice, and equal code is found
/// wherever it is. Only the names of the layers are modules then, so that they can be imported.
let oneModule: [Target] =
  layers.map { .target(name: $0.name, path: "build-aux/layers/\($0.name)", swiftSettings: [embedded]) } + [
    .target(name: "LLMEmbeddedUnicode", exclude: pages(of: "LLMEmbeddedUnicode"), swiftSettings: [embedded]),
    .target(
      name: "LLMProviderABI",
      dependencies: ["CSystem", "CMemory", "CLLMProvider", "LLMEmbeddedUnicode"]
        + layers.map { .target(name: $0.name) },
      path: "Sources",
      exclude: ["CSystem", "CMemory", "LLMEmbeddedUnicode"] + allPages, sources: rooms,
      swiftSettings: [embedded, implementsHeader]),
  ]

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name + "Tests", dependencies: [.target(name: name), "LLMTestSupport"] + dependencies)
}

let testing: [Target] = [
  .target(
    name: "LLMTestSupport", dependencies: ["LLMCore", "LLMConfig", "LLMCatalog", "CSystem"],
    path: "Tests/LLMTestSupport"),
  tests(of: "LLMCore", ["CSystem"]),
  tests(of: "LLMWire", ["LLMCore", "CSystem"]),
  tests(of: "LLMConfig", ["LLMCore", "LLMCatalog"]),
  tests(of: "LLMCatalog", ["LLMCore", "LLMConfig"]),
  tests(of: "LLMDialects", ["LLMCore", "LLMWire", "LLMConfig"]),
  tests(of: "LLMPolicy", ["LLMCore", "LLMConfig", "LLMDialects", "LLMCatalog"]),
  tests(of: "LLMTransport", ["LLMCore", "CSystem"]),
  tests(of: "LLMClient", ["LLMCore", "LLMConfig", "LLMDialects", "LLMCatalog", "LLMPolicy"]),
  .testTarget(
    name: "LLMExtensionTests",
    dependencies: [
      "LLMConfig", "LLMCatalog", "LLMClient", "LLMPolicy", "LLMDialects", "LLMWire", "LLMCore", "LLMTestSupport",
    ]),
]

let package = Package(
  name: "llm-provider",
  products: [
    .library(name: "llmprovider", type: .dynamic, targets: ["LLMProviderABI"]),
    .library(
      name: "LLMProvider",
      targets: ["LLMClient", "LLMPolicy", "LLMDialects", "LLMCatalog", "LLMConfig", "LLMWire", "LLMCore"]),
  ],
  targets: [
    .systemLibrary(name: "CSystem"),
    .target(name: "CMemory", exclude: pages(of: "CMemory")),
    .systemLibrary(name: "CLLMProvider", path: "include"),
  ] + (isEmbedded ? oneModule : modules + testing),
  swiftLanguageModes: [.v6]
)

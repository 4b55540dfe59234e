// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Edges",
  platforms: [.macOS("26.0")],
  dependencies: [.package(name: "swiftconv", path: "../..")],
  targets: [
    .executableTarget(name: "Edges", dependencies: [.product(name: "SwiftConv", package: "swiftconv")])
  ]
)

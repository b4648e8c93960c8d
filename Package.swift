// swift-tools-version: 6.2
import PackageDescription

// One settings block for every Swift target; warnings are errors.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The sanitizers bring a malloc of their own and find nothing behind another: scripts/sanitize.sh builds without.
let hasAllocator = Context.environment["NOTIFICATIONHUB_SANITIZE"] == nil

/// A C library of the system, as a module map and a header of inline shims.
func clib(_ name: String, pkgConfig: String?, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Clibs/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A Swift target of one layer; its folder is `Sources/<layer>/<name>`.
func target(
    _ name: String, layer: String, _ dependencies: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Sources/\(layer)/\(name)",
        resources: resources, swiftSettings: settings)
}

/// An executable of the Apps layer.
func app(_ name: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Sources/Apps/\(name)",
        swiftSettings: settings)
}

/// The tests of one target; their folder mirrors its place in `Sources`.
func tests(_ name: String, layer: String, _ dependencies: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name, "TestKit"] + dependencies).map { .init(stringLiteral: $0) },
        path: "Tests/\(layer)/\(name)Tests", resources: resources, swiftSettings: settings)
}

let clibs: [Target] = [
    clib("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    clib("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    clib("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    clib("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    clib("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    // Debian's package has no pkg-config file; the module map names the library.
    clib("CMimalloc", pkgConfig: nil, apt: "libmimalloc-dev"),
]

let kit: [Target] = [
    target("JSONBytes", layer: "Kit"),
    target("Time", layer: "Kit"),
    target("Digest", layer: "Kit", ["COpenSSL"]),
    target("Kafka", layer: "Kit", ["CRdKafka", "Lifecycle", "Settings"]),
    target("Transfer", layer: "Kit", ["CCurl", "Lifecycle", "Time"]),
    target("Lifecycle", layer: "Kit"),
    target("Settings", layer: "Kit", ["CYAML", "Time"]),
    target("Telemetry", layer: "Kit", ["CMicroHTTPD", "JSONBytes", "Time", "Lifecycle"]),
    target("Tracing", layer: "Kit", ["Digest", "JSONBytes", "Lifecycle", "Settings", "Telemetry", "Transfer"]),
    target(
        "CommandLineKit", layer: "Kit",
        (hasAllocator ? ["CMimalloc"] : [])
            + ["JSONBytes", "Settings", "Lifecycle", "Telemetry", "Tracing", "Transfer"]),
]

let domain: [Target] = [
    target("Events", layer: "Domain", ["JSONBytes", "Time", "Digest"]),
    target("Templates", layer: "Domain", ["JSONBytes", "Settings"]),
    target("Notifications", layer: "Domain", ["JSONBytes", "Time"]),
    target("Endpoints", layer: "Domain", ["Settings", "Notifications"]),
    target(
        "Routing", layer: "Domain",
        ["JSONBytes", "Time", "Digest", "Settings", "Events", "Templates", "Notifications", "Endpoints"]),
    target("Delivery", layer: "Domain", ["Time", "Digest", "Notifications"]),
]

let services: [Target] = [
    target("DeadLetters", layer: "Services", ["Events", "Kafka", "Notifications"]),
    target("KafkaOperations", layer: "Services", ["Kafka", "Lifecycle", "JSONBytes", "Telemetry", "Time"]),
    target(
        "Core", layer: "Services",
        ["Kafka", "Lifecycle", "Settings", "Telemetry", "Tracing", "Transfer", "JSONBytes", "Time", "CommandLineKit"]
            + ["Events", "Routing", "Templates", "Notifications", "Endpoints", "DeadLetters", "KafkaOperations"]),
    target(
        "DeliveryEngine", layer: "Services",
        ["Kafka", "Transfer", "Lifecycle", "Settings", "Telemetry", "Tracing", "JSONBytes", "Time", "CommandLineKit"]
            + ["Notifications", "Endpoints", "Delivery", "DeadLetters", "KafkaOperations"]),
    target(
        "ChannelSupport", layer: "Services",
        ["Transfer", "Settings", "Time", "Notifications", "Endpoints", "Delivery"]),
    target(
        "Control", layer: "Services",
        ["CommandLineKit", "Kafka", "Lifecycle", "Settings", "JSONBytes", "Time", "Digest", "Telemetry"]
            + ["Events", "Routing", "Notifications", "Endpoints", "Delivery", "DeadLetters", "Core", "DeliveryEngine"],
        resources: ["notification", "status"].map { .embedInCode("Schemas/\($0).schema.json") }),
]

let channelNeeds = [
    "ChannelSupport", "DeliveryEngine", "Transfer", "Settings", "JSONBytes", "Time", "Digest", "Notifications",
    "Endpoints", "Delivery",
]
let channels: [Target] = [
    target("EmailChannel", layer: "Channels", channelNeeds),
    target("SMSChannel", layer: "Channels", channelNeeds),
    target("WebhookChannel", layer: "Channels", channelNeeds + ["Tracing"]),
    target("SlackChannel", layer: "Channels", channelNeeds),
]

let apps: [Target] = [
    app("core-service", ["Core", "CommandLineKit"]),
    app("email-consumer", ["CommandLineKit", "EmailChannel"]),
    app("sms-consumer", ["CommandLineKit", "SMSChannel"]),
    app("webhook-consumer", ["CommandLineKit", "WebhookChannel"]),
    app("slack-consumer", ["CommandLineKit", "SlackChannel"]),
    app(
        "notifyctl",
        ["CommandLineKit", "Control", "Core", "EmailChannel", "SMSChannel", "WebhookChannel", "SlackChannel"]),
]

let testing: [Target] = [
    .target(
        name: "TestKit", dependencies: ["Lifecycle", "Time", "Telemetry", "Events"], path: "Sources/TestKit",
        swiftSettings: settings
    ),
    .target(name: "AllocationCounter", path: "Sources/AllocationCounter"),
    .executableTarget(
        name: "Bench",
        dependencies: [
            "AllocationCounter", "DeliveryEngine", "EmailChannel", "Events", "JSONBytes", "Kafka", "Lifecycle",
            "Notifications", "Routing", "Settings", "Telemetry", "Templates", "Tracing", "Transfer", "WebhookChannel",
        ], path: "Sources/Bench", swiftSettings: settings),
    .target(
        name: "FuzzKit",
        dependencies: [
            "Delivery", "Events", "JSONBytes", "Notifications", "Routing", "Settings", "Templates", "TestKit",
        ], path: "Sources/FuzzKit", swiftSettings: settings),
    .executableTarget(
        name: "Conformance", dependencies: ["Events", "FuzzKit", "JSONBytes", "Routing", "TestKit"],
        path: "Sources/Conformance", swiftSettings: settings),
    .testTarget(
        name: "FuzzKitTests", dependencies: ["FuzzKit", "TestKit"], path: "Tests/Fuzz/FuzzKitTests",
        swiftSettings: settings),
    tests("JSONBytes", layer: "Kit", resources: [.copy("Fixtures")]),
    tests("Templates", layer: "Domain", ["JSONBytes", "Settings"], resources: [.copy("Fixtures")]),
    tests("Kafka", layer: "Kit", ["Lifecycle", "Settings"]),
    tests("DeadLetters", layer: "Services", ["Kafka", "Notifications"]),
    tests("Tracing", layer: "Kit", ["JSONBytes", "Lifecycle", "Settings", "Telemetry", "Transfer"]),
    tests("KafkaOperations", layer: "Services", ["Kafka", "JSONBytes", "Telemetry", "Time"]),
    tests(
        "Core", layer: "Services",
        ["CommandLineKit", "Kafka", "KafkaOperations", "Events", "Lifecycle", "Settings", "Telemetry"]),
    tests(
        "DeliveryEngine", layer: "Services",
        ["Kafka", "Transfer", "Lifecycle", "Settings", "Telemetry", "JSONBytes", "Time", "Notifications", "Delivery"]
            + ["DeadLetters"]),
    tests(
        "Control", layer: "Services",
        ["CommandLineKit", "DeadLetters", "Delivery", "Events", "Kafka", "Lifecycle", "Notifications", "Routing"]
            + ["Settings", "Time"]),
    tests("Transfer", layer: "Kit", ["Lifecycle"]),
    tests("Notifications", layer: "Domain"),
    tests("Delivery", layer: "Domain", ["Time", "Notifications"]),
    tests(
        "ChannelSupport", layer: "Services",
        ["Transfer", "Settings", "Time", "Notifications", "Endpoints", "Delivery"]),
    tests("EmailChannel", layer: "Channels", channelNeeds),
    tests("SMSChannel", layer: "Channels", channelNeeds),
    tests("WebhookChannel", layer: "Channels", channelNeeds),
    tests("SlackChannel", layer: "Channels", channelNeeds),
    .testTarget(
        name: "ShippedConfigurationTests",
        dependencies: [
            "CommandLineKit", "Lifecycle", "DeliveryEngine", "EmailChannel", "SMSChannel", "WebhookChannel",
            "SlackChannel", "TestKit",
        ], path: "Tests/Apps/ShippedConfigurationTests", swiftSettings: settings),
    .testTarget(
        name: "DocumentationTests",
        dependencies: ["Core", "DeliveryEngine", "KafkaOperations", "Telemetry", "TestKit", "Tracing"],
        path: "Tests/Apps/DocumentationTests", swiftSettings: settings),
    tests("Digest", layer: "Kit"),
    tests("Events", layer: "Domain", ["JSONBytes", "Time"]),
    tests("Endpoints", layer: "Domain", ["Settings", "Notifications"]),
    tests(
        "Routing", layer: "Domain",
        ["JSONBytes", "Time", "Settings", "Events", "Templates", "Notifications", "Endpoints"]),
    tests("Time", layer: "Kit"),
    tests("Lifecycle", layer: "Kit"),
    tests("Settings", layer: "Kit", ["Time"]),
    tests("Telemetry", layer: "Kit", ["Lifecycle", "Time"]),
    tests("CommandLineKit", layer: "Kit", ["Settings", "Lifecycle", "Telemetry"]),
]

// Needs libFuzzer, and jansson to compare with: scripts/fuzz.sh builds this, nothing else does.
let fuzzing: [Target] =
    Context.environment["NOTIFICATIONHUB_FUZZ"] == nil
    ? []
    : [
        .systemLibrary(
            name: "CFuzzing", path: "Tests/Fuzz/CFuzzing", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .executableTarget(
            name: "LibFuzzer", dependencies: ["CFuzzing", "FuzzKit", "JSONBytes"], path: "Tests/Fuzz/LibFuzzer",
            swiftSettings: settings),
    ]

let package = Package(
    name: "NotificationHub",
    products: apps.map { .executable(name: $0.name, targets: [$0.name]) },
    targets: clibs + kit + domain + services + channels + apps + testing + fuzzing,
    swiftLanguageModes: [.v6]
)

// swift-tools-version:6.2

import PackageDescription

/// A newer compiler or system may deprecate something: that stops whoever works on Aviary, and nobody who builds it.
let isStrict = Context.environment["AVIARY_STRICT"] == "1"

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// The fuzzer's program is there only where it is asked for: libFuzzer has to be linked with it (`scripts/fuzz`).
let isFuzzing = Context.environment["AVIARY_FUZZING"] == "1"

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// The same parsers are read by the fuzzer's program and by the tests.
let fuzzed: [Target.Dependency] = [
    "Content", "Gateway", "Kernel", "WebAPI", .product(name: "NIOCore", package: "swift-nio"),
]
let fuzz: Target =
    isFuzzing
    ? .executableTarget(
        name: "aviary-fuzz", dependencies: fuzzed, path: "Tests/FuzzTests", exclude: ["Corpus", "CorpusTests.swift"],
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    : .testTarget(
        name: "FuzzTests", dependencies: fuzzed, exclude: ["Corpus", "Fuzzer.swift"], swiftSettings: strict)

let package = Package(
    name: "aviary",
    products: [
        .executable(name: "aviary", targets: ["Command"])
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),

        // What those bring along. Exact versions are the pin: see docs/decisions/015-exact-versions.md.
        .package(url: "https://github.com/apple/swift-algorithms", exact: "1.2.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-atomics", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", exact: "1.7.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-transport-services", exact: "1.28.0"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        .package(url: "https://github.com/apple/swift-service-context", exact: "1.5.1"),
    ],
    targets: [
        // MARK: C libraries, from Debian packages
        .systemLibrary(name: "CPostgreSQL", path: "Sources/CPostgreSQL", pkgConfig: "libpq"),
        .systemLibrary(name: "CArgon2", path: "Sources/CArgon2", pkgConfig: "libargon2"),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CQRencode", path: "Sources/CQRencode", pkgConfig: "libqrencode"),
        .systemLibrary(name: "CArchive", path: "Sources/CArchive", pkgConfig: "libarchive"),
        .systemLibrary(name: "CNATS", path: "Sources/CNATS", pkgConfig: "libnats"),
        .systemLibrary(name: "CFileTimes", path: "Sources/CFileTimes"),

        // MARK: The program, lowest layer first
        .target(
            name: "Kernel",
            dependencies: [.product(name: "NIOConcurrencyHelpers", package: "swift-nio")],
            swiftSettings: strict),
        .target(
            name: "Database",
            dependencies: [
                "Kernel", "CPostgreSQL", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Bus",
            dependencies: [
                "Kernel", "Database", "CNATS", logging, .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Events",
            dependencies: [
                "Kernel", "Database", "Bus", logging, .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "ZIP", dependencies: ["CArchive"], swiftSettings: strict),
        .target(
            name: "WebAuthn",
            dependencies: ["Kernel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "OutgoingHTTP",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(
            name: "OpenIDConnect",
            dependencies: [
                "Kernel", "OutgoingHTTP",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "MobilePush",
            dependencies: [
                "Kernel", "OutgoingHTTP",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Mail",
            dependencies: [
                "Kernel", "CCurl", .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "WebPush",
            dependencies: ["Kernel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "QRCodes", dependencies: ["CQRencode", "CZlib"], swiftSettings: strict),
        .target(
            name: "Media",
            dependencies: [
                "Kernel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "WebAPI",
            dependencies: [
                "Kernel", "CZlib", hummingbird, logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "Metrics", package: "swift-metrics"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "Kernel", "Events", "CZlib", logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Metrics", package: "swift-metrics"),
            ] + nio,
            swiftSettings: strict),
        // MARK: The features, lowest room first: each knows those below it
        .target(
            name: "Features",
            dependencies: [
                "Kernel", "Database", "Bus", "Events", "WebAPI", logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Files",
            dependencies: [
                "Features", "Kernel", "Database", "Events", "Media", "WebAPI", logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "People",
            dependencies: [
                "Features", "Files", "Kernel", "Database", "Events", "WebAPI", "WebAuthn", "OpenIDConnect", "Mail",
                "CArgon2", logging, .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Janus",
            dependencies: [
                "Kernel", logging, .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Community",
            dependencies: [
                "Features", "Files", "People", "Kernel", "Database", "Bus", "Events", "Janus", "Media", "WebAPI",
                logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Content",
            dependencies: [
                "Features", "Files", "People", "Community", "Kernel", "Database", "Events", "Mail", "Media", "WebAPI",
                "WebPush", "MobilePush", logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            swiftSettings: strict),
        .target(
            name: "Chat",
            dependencies: [
                "Features", "Files", "People", "Community", "Content", "Kernel", "Bus", "Database", "Events", "Janus",
                "Media", "WebAPI", "WebPush", "MobilePush", "Gateway", "OpenIDConnect", "QRCodes", "ZIP", logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio,
            swiftSettings: strict),
        .executableTarget(name: "web-pack", dependencies: ["CZlib"], swiftSettings: strict),
        .plugin(name: "PackWebClient", capability: .buildTool(), dependencies: ["web-pack"]),
        .target(
            name: "WebClient",
            dependencies: ["CZlib", "WebAPI", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict, plugins: ["PackWebClient"]),
        .target(
            name: "Aviary",
            dependencies: [
                "CFileTimes", "Features", "Files", "People", "Community", "Content", "Chat", "Kernel", "WebClient",
                "Database",
                "Bus", "Events", "Janus", "Media", "WebAPI", "WebPush", "MobilePush", "OutgoingHTTP", "Gateway", "Mail",
                "OpenIDConnect",
                hummingbird,
                logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Metrics", package: "swift-metrics"),
            ] + nio,
            swiftSettings: strict),
        .plugin(name: "StampCommit", capability: .buildTool()),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Aviary", "Chat", "Client", "Crowds", "People", "Database", "Kernel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict, plugins: ["StampCommit"]),

        // MARK: Tests of the database, and what other tests need to have one
        .target(
            name: "TestDatabase",
            dependencies: [
                "Kernel", "Database", "CPostgreSQL", logging,
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            path: "Tests/TestDatabase",
            swiftSettings: strict),
        .testTarget(
            name: "DatabaseTests",
            dependencies: [
                "Kernel", "Database", "TestDatabase", "TestPrograms", logging,
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // MARK: A client, for the tests, the load generator and the referee
        .target(
            name: "Client",
            dependencies: [
                "Kernel", "CZlib",
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ] + nio,
            swiftSettings: strict),

        // MARK: Measuring
        .target(name: "Receiver"),
        .target(
            name: "Crowds",
            dependencies: [
                "Client", "Kernel", "Receiver", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "Sizing", path: "Benchmarks/Sizing", swiftSettings: strict),
        .executableTarget(
            name: "aviary-bench",
            dependencies: [
                "Bus", "Chat", "Client", "Community", "Crowds", "Database", "Events", "Gateway", "Kernel", "Media",
                "Receiver",
                "Sizing", "TestPrograms", "WebAPI", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Benchmarks/LoadGenerator",
            swiftSettings: strict),

        .executableTarget(
            name: "aviary-faults",
            dependencies: [
                "Client", "Kernel", "TestPrograms",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio,
            path: "Tests/Faults",
            swiftSettings: strict),

        // MARK: Tests
        .target(
            name: "TestPrograms",
            dependencies: [.product(name: "NIOConcurrencyHelpers", package: "swift-nio"), logging],
            path: "Tests/TestPrograms", swiftSettings: strict),
        .testTarget(
            name: "FaultsTests", dependencies: [.target(name: "aviary-faults")], swiftSettings: strict),
        .testTarget(name: "CrowdsTests", dependencies: ["Crowds", "TestPrograms"], swiftSettings: strict),
        .testTarget(name: "SizingTests", dependencies: ["Sizing"], swiftSettings: strict),
        .testTarget(name: "WebClientTests", dependencies: ["WebClient"], swiftSettings: strict),
        .testTarget(name: "KernelTests", dependencies: ["Kernel", "TestPrograms"], swiftSettings: strict),
        .testTarget(
            name: "WebAPITests",
            dependencies: [
                "WebAPI", "Kernel", "TestPrograms", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WebAuthnTests",
            dependencies: ["WebAuthn", "Kernel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .testTarget(
            name: "WebPushTests",
            dependencies: [
                "WebPush", "Kernel", "TestPrograms", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MobilePushTests",
            dependencies: [
                "MobilePush", "Client", "Kernel", "OutgoingHTTP", "TestPrograms",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "OpenIDConnectTests",
            dependencies: [
                "OpenIDConnect", "Kernel", .product(name: "JWTKit", package: "jwt-kit"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "JanusTests",
            dependencies: ["Janus", "Kernel", "TestPrograms", logging] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "MailTests", dependencies: ["Mail", "Kernel", "TestPrograms"], swiftSettings: strict),
        .testTarget(
            name: "MediaTests",
            dependencies: [
                "Media", "Client", "Kernel", "TestPrograms", .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "ChatTests",
            dependencies: [
                "Features", "Files", "People", "Community", "Content", "Chat", "Client", "Kernel", "Events", "Database",
                "Janus", "Media",
                "TestPrograms", logging,
            ],
            swiftSettings: strict),
        .testTarget(name: "QRCodeTests", dependencies: ["QRCodes", "TestPrograms"], swiftSettings: strict),
        .testTarget(
            name: "EventLogTests",
            dependencies: [
                "Events", "Bus", "Database", "Kernel", "TestDatabase", "TestPrograms", logging,
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BusTests",
            dependencies: [
                "Bus", "Database", "Kernel", "TestDatabase", "TestPrograms", logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Kernel", "Database", "Events", "CZlib", "TestPrograms", logging,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "ModelTests",
            dependencies: [
                "Aviary", "Community", "Events", "Gateway", "Kernel",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "Aviary", "Bus", "Features", "Files", "People", "Community", "Content", "Chat", "Client", "Database",
                "Events",
                "Gateway", "Kernel", "Media", "TestDatabase",
                "TestPrograms", "WebAPI",
                logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nio,
            path: "Tests/Contract",
            exclude: ["ErrorPage/error-page.txt", "ErrorPage/api_request.py", "DemandedRoutes/routes.txt"],
            swiftSettings: strict),
        fuzz,
    ]
)

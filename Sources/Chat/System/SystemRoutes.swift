import Database
import Features
import Files
import HTTPTypes
import Kernel
import Logging
import Media
import NIOConcurrencyHelpers
import WebAPI

/// Questions about the server itself, which need no login.
struct SystemRoutes: Feature {
    /// How long an answer of the store is believed, so that a busy load balancer costs nothing.
    private static let probeLifetime = Duration.seconds(1)
    /// Whoever asks whether the server works waits no longer than this for a database that says nothing.
    private static let patience = Duration.seconds(5)

    let parts: Parts
    let media: MediaParts?
    let state: SystemState
    private let lastProbe = NIOLockedValueBox<Timestamp?>(nil)

    init(parts: Parts, media: MediaParts?, state: SystemState) {
        self.parts = parts
        self.media = media
        self.state = state
    }

    /// - Throws: `.serviceUnavailable` when the store can't be written.
    private func probe() async throws {
        let now = parts.clock.now()
        if let last = lastProbe.withLockedValue({ $0 }), now - last < Self.probeLifetime, now >= last { return }
        guard state.databaseSilence() < Self.patience else { throw APIError.serviceUnavailable }
        do {
            try await write(within: Self.patience)
        } catch {
            parts.logger.error("the store can't be written", metadata: ["error": "\(error)"])
            throw APIError.serviceUnavailable
        }
        lastProbe.withLockedValue { $0 = now }
    }

    /// - Throws: `DatabaseError`.
    private func write(within patience: Duration) async throws {
        let outcomes = AsyncStream.makeStream(of: Result<Void, any Error>.self, bufferingPolicy: .bufferingOldest(1))
        // Not as children: a task would wait for them, and what PostgreSQL does with a statement is waited for to its end.
        let writing = Task {
            do {
                outcomes.continuation.yield(.success(try await write()))
            } catch {
                outcomes.continuation.yield(.failure(error))
            }
        }
        let waiting = Task {
            try await Task.sleep(for: patience)
            outcomes.continuation.yield(.failure(DatabaseError.unavailable("no answer within \(patience)")))
        }
        defer {
            writing.cancel()
            waiting.cancel()
        }
        for await outcome in outcomes.stream { return try outcome.get() }
        throw CancellationError()
    }

    private func write() async throws {
        try await parts.database.write { tx in
            try tx.execute(
                """
                INSERT INTO instance_settings (key, value) VALUES ('health', $1)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
                [Array(String(tx.now.milliseconds).utf8)])
        }
    }

    private func health() async throws -> Reply<Health> {
        try await probe()
        return .ok(Health(version: parts.configuration.versions.server, lostLogLines: state.lostLogLines()))
    }

    private func readiness() async throws -> Reply<Readiness> {
        guard state.phase(at: parts.clock.now()) == .running else { throw APIError.serviceUnavailable }
        let obstacles = state.obstacles
        guard obstacles.isEmpty else { throw APIError(.serviceUnavailable, details: obstacles) }
        try await probe()
        return .ok(Readiness(warnings: state.warnings()))
    }

    private static let negotiationInput = JSONInput(
        "VersionNegotiation",
        .required("client_version", .string(0...1000)),
        .optional("supported_versions", .array(of: .string(0...100), count: 0...100)),
        make: { (version, _) throws(APIError) in version })

    /// What balancers and containers ask, at the root as well, where they look for it.
    private func check<Answer: JSONObjectEncodable & Sendable>(
        _ path: String, _ summary: String, _ answer: @escaping @Sendable () async throws -> Reply<Answer>
    ) -> [Route] {
        [Route.Base.version, .root].map { place in
            .open(
                .get, path, summary, takes: .nothing, returns: Answer.self, errors: [.serviceUnavailable], below: place
            ) { _ in try await answer() }
            .uncounted
        }
    }

    var routes: [Route] {
        let versions = parts.configuration.versions
        let checks =
            check("/health", "Whether the server works", health)
            + check("/ready", "Whether the server takes traffic", readiness)
        let routes: [Route] = [
            .open(.get, "/version", "The server's version", takes: .nothing, returns: VersionReport.self) { _ in
                .ok(VersionReport(policy: versions))
            },
            .open(
                .post, "/version/negotiate", "Ask whether a client is new enough",
                takes: .body(Self.negotiationInput), returns: Negotiation.self,
                errors: [.versionOutdated, .invalidVersionFormat]
            ) { call in .ok(Negotiation(client: try versions.admit(call.body), policy: versions)) },
            .open(.get, "/status", "What the server is doing", takes: .nothing, returns: StatusReport.self) { _ in
                let now = parts.clock.now()
                return .ok(
                    StatusReport(
                        phase: state.phase(at: now), version: versions.server,
                        uptime_s: max(0, (now - state.startedAt).wholeSeconds), maintenance: state.maintenance))
            },
            .open(
                .get, "/capabilities", "Limits and modules", takes: .nothing, returns: Capabilities.self
            ) { _ in
                .ok(
                    Capabilities(
                        configuration: parts.configuration, hasPictureTools: media?.pictures != nil,
                        speechTypes: media?.speechTypes ?? []))
            },
        ]
        return (checks + routes).map(\.inMaintenance)
    }
}

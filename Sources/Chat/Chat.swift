import Database
import EventLog
import Gateway
import Kernel
import OpenIDConnect
import WebAPI

/// The features as a whole: what the composition root plugs into the web server, the gateway and the database.
public struct Chat: Sendable {
    private let features: Features
    private let background: BackgroundSteps

    /// The whole schema, step by step.
    public static let migrations = (released + Features.types.flatMap { $0.migrations }).sorted {
        $0.number < $1.number
    }

    /// The steps from before features had their own.
    private static let released: [Migration] = [
        .foundation, .identity, .passkeys, .singleSignOn, .moderation, .privateChannels, .people,
        .messageParts, .search, .programs, .administration, .endings, .media, .audit, .moderationStates,
        .allowedMentions, .searchFolding, .wholeAccounts, .resuming, .measures,
    ]

    /// - Parameters:
    ///   - media: nil where there is no store for files.
    ///   - letters: nil when there is no server for outgoing mail.
    ///   - providers: where people can log in besides.
    public init(
        _ parts: Parts, media: MediaParts?, hasher: PasswordHasher, letters: Letters?, providers: [OpenIDProvider],
        transient: TransientEvents, state: SystemState
    ) {
        features = Features(
            parts, media: media, hasher: hasher, letters: letters, providers: providers, transient: transient,
            state: state)
        background = BackgroundSteps(logger: parts.logger)
    }

    /// Tells who comes and goes, until it is cancelled.
    public func tellPresences() async { await features.presences.run() }

    /// Looks at the links of messages, until it is cancelled.
    public func previewLinks() async { await features.linkPreviews.run() }

    public var routes: [Route] { features.routes }

    public var authenticator: any Authenticator { features.sessions }

    public var maintenance: Maintenance { features.maintenance }

    /// Whom the server lets in at the moment.
    public var houseRules: HouseRules {
        let (maintenance, blocks) = (features.maintenance, features.blocks)
        return HouseRules(maintenance: maintenance.error, isBlocked: blocks.isBlocked(address:))
    }

    public var gatewayBackend: any GatewayBackend {
        Live(
            parts: features.parts, sessions: features.sessions, typing: features.typing,
            presences: features.presences, features: features.all)
    }

    /// Does what has to be done now and then: forgetting what has run out, removing what was deleted. Always in steps that are too
    /// small to hold up anybody, and that fail alone.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func runUpkeep(pausing pause: Duration = .milliseconds(20)) async throws {
        try await background.run(features.all.flatMap(\.upkeep), pausing: pause)
    }

    /// Does what is due at this moment, within a second or two.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func runDueWork() async throws { try await background.run(features.all.flatMap(\.dueWork)) }

    /// Puts right what was stamped while the clock was ahead.
    public func restamp() async throws { try await Restamping(database: features.parts.database).run() }

    /// Puts the messages in line into the index of the search.
    public func indexMessages() async throws {
        while try await features.search.indexNext() {}
    }

    /// Does the jobs that wait.
    public func runJobs() async throws {
        while try await features.jobs.runNext() {}
    }

    /// The routes for the documentation, which is made without a running server: their handlers are never called.
    public static var documentedRoutes: [Route] { Features.documented.routes }

    /// What clients are told when a lower part fails; nil for what is a bug.
    public static func apiError(for error: any Error) -> APIError? {
        switch error as? DatabaseError {
        case .unavailable, .overloaded, .closed, .serializationFailure, .commitUncertain: .serviceUnavailable
        case .uniqueViolation: APIError(.alreadyExists)
        case .statement, .newerSchema, nil: nil
        }
    }
}

import Bus
import Community
import Content
import Database
import Events
import Features
import Files
import Gateway
import Janus
import Kernel
import Mail
import Media
import OpenIDConnect
import People
import WebAPI

/// The features as a whole, with which an instance runs: what the composition root plugs into the web server, the gateway and the database.
public struct Instance: Sendable {
    private let all: AllFeatures
    private let background: BackgroundSteps

    /// What each feature does when something ends, for `Parts`.
    public static let features = FeatureList(AllFeatures.types)

    /// How much there may be of what people, servers, channels and messages have.
    public static let caps: [Cap] = features.types.flatMap { $0.caps }

    /// The whole schema, step by step.
    public static let migrations = (released + features.types.flatMap { $0.migrations }).sorted {
        $0.number < $1.number
    }

    /// The steps from before features had their own.
    private static let released: [Migration] = [
        .foundation, .identity, .passkeys, .singleSignOn, .moderation, .privateChannels, .people,
        .messageParts, .search, .programs, .administration, .endings, .media, .audit, .moderationStates,
        .allowedMentions, .searchFolding, .wholeAccounts, .resuming, .measures, .logEpochs, .nodes,
        .outbox, .mailInLine, .nodeReports, .crowds,
    ]

    /// - Parameters:
    ///   - media: nil where there is no store for files.
    ///   - mailer: nil when there is no server for outgoing mail.
    ///   - providers: where people can log in besides.
    ///   - push: nil where nothing is pushed.
    ///   - nodes: those that are there at the moment.
    ///   - voiceServer: nil where there is no media server.
    public init(
        _ parts: Parts, media: MediaParts?, hasher: PasswordHasher, mailer: (any Mailer)?, providers: [OpenIDProvider],
        push: PushParts?, transient: TransientEvents, state: SystemState,
        nodes: @escaping @Sendable (Transaction) throws -> [Cluster.Node] = { _ in [] },
        voiceServer: JanusServer? = nil
    ) {
        all = AllFeatures(
            parts, media: media, hasher: hasher, mailer: mailer, providers: providers, push: push,
            transient: transient, state: state, nodes: nodes, voiceServer: voiceServer)
        background = BackgroundSteps(logger: parts.logger)
    }

    /// Tells who comes and goes, until it is cancelled.
    public func tellPresences() async { await all.presences.run() }

    /// How many other nodes are there and stay, of which this one has heard a moment ago.
    public func otherNodes(in database: any SQLDatabase) async throws -> Int {
        let living = try await database.read { [all] tx in try all.presences.node?.living(tx) ?? [] }
        return all.presences.staying(among: living)
    }

    /// Says to the other nodes that this one is there. To be called each second.
    public func beat() { all.presences.beat() }

    /// Says to the other nodes that this one ends, so that nobody is sent here.
    public func leave() { all.presences.leave() }

    /// Gives the rooms of the media server to other nodes.
    public func leaveRooms() async { await all.voice.leaveRooms() }

    /// Says that people are about to be sent to other nodes.
    public func handOver() { all.presences.handOver() }

    /// Looks at the links of messages, until it is cancelled.
    public func previewLinks() async { await all.linkPreviews.run() }

    /// Calls for the messages whose links nobody looks at. To be called each second.
    public func tendPreviews() async throws { try await all.linkPreviews.tend() }

    public var routes: [Route] { all.routes }

    public var authenticator: any Authenticator { all.sessions }

    public var maintenance: Maintenance { all.maintenance }

    /// Whom the server lets in at the moment.
    public var houseRules: HouseRules {
        let (maintenance, blocks) = (all.maintenance, all.blocks)
        return HouseRules(maintenance: maintenance.error, isBlocked: blocks.isBlocked(address:))
    }

    public var gatewayBackend: any GatewayBackend {
        Live(
            parts: all.parts, sessions: all.sessions, typing: all.typing,
            presences: all.presences, voice: all.voice, receipts: all.receipts, features: all.all)
    }

    /// Does what has to be done now and then: forgetting what has run out, removing what was deleted. Always in steps that are too
    /// small to hold up anybody, and that fail alone.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func runUpkeep(pausing pause: Duration = .milliseconds(20)) async throws {
        try await background.run(all.all.flatMap(\.upkeep), pausing: pause)
    }

    /// Does what is due at this moment, within a second or two.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func runDueWork() async throws { try await background.run(all.all.flatMap(\.dueWork)) }

    /// Does what each node does for itself. To be called each second.
    public func runNodeWork() async throws { try await background.run(all.all.flatMap(\.nodeWork)) }

    /// Puts right what was stamped while the clock was ahead.
    public func restamp() async throws { try await Restamping(database: all.parts.database).run() }

    /// Puts the messages in line into the index of the search.
    public func indexMessages() async throws {
        while try await all.search.indexNext() {}
    }

    /// Puts the people in line into the index of the names.
    public func indexNames() async throws {
        while try await NameIndex.advance(in: all.parts.database) {}
    }

    /// Sends the pushes that are due.
    public func sendPushes() async throws {
        while try await all.pushes.sendDue() {}
    }

    /// Sends the mails that are due of what people missed.
    public func sendMails() async throws {
        while try await all.mails.sendDue() {}
    }

    /// Sends the letters that wait.
    public func sendLetters() async throws {
        while try await all.letters.sendNext() {}
    }

    /// Does the jobs that wait.
    public func runJobs() async throws {
        while try await all.jobs.runNext() {}
    }

    /// The routes for the documentation, which is made without a running server: their handlers are never called.
    public static var documentedRoutes: [Route] { AllFeatures.documented.routes }

    /// What clients are told when a lower part fails; nil for what is a bug.
    public static func apiError(for error: any Error) -> APIError? {
        if let failure = error as? FileFailure, failure.isLackOfRoom { return .serviceUnavailable }
        return switch error as? DatabaseError {
        case .unavailable, .overloaded, .closed, .serializationFailure, .commitUncertain: .serviceUnavailable
        case .uniqueViolation: APIError(.alreadyExists)
        case .statement, .newerSchema, nil: nil
        }
    }
}

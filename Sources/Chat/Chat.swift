import Database
import EventLog
import Gateway
import Kernel
import OpenIDConnect
import WebAPI

/// The features as a whole: what the composition root plugs into the web server, the gateway and the database.
public struct Chat: Sendable {
    private let features: Features

    /// The whole schema, step by step.
    public static let migrations: [Migration] = [
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
            presences: features.presences)
    }

    public var upkeep: Upkeep {
        Upkeep(
            parts: features.parts, sessions: features.sessions, accounts: features.accounts, invites: features.invites,
            messages: features.messages, bans: features.bans, members: features.members, deletions: features.deletions,
            jobs: features.jobs,
            attachments: features.attachments, uploads: features.uploads, linkPreviews: features.linkPreviews,
            blobs: features.blobs, scheduledMessages: features.scheduledMessages,
            notifications: features.notifications, setAside: features.setAside, background: features.background)
    }

    public var dueWork: DueWork {
        DueWork(
            polls: features.polls, threads: features.threads, presences: features.presences,
            scheduledMessages: features.scheduledMessages, blocks: features.blocks,
            temporaryMembers: features.temporaryMembers, background: features.background)
    }

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

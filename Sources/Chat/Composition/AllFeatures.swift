import Community
import Content
import Database
import Events
import Features
import Files
import Janus
import Kernel
import Logging
import Mail
import OpenIDConnect
import People
import WebAPI

/// All features. What the server does as a whole are loops over them.
struct AllFeatures: Sendable {
    let parts: Parts
    /// In the order in which an account is taken apart.
    let all: [any Feature]
    // Those that the whole calls by their names.
    let sessions: Sessions
    let presences: Presences
    let typing: Typing
    let voice: Voice
    let receipts: Receipts
    let search: Search
    let jobs: Jobs
    let linkPreviews: LinkPreviews
    let blocks: Blocks
    let pushes: Pushes
    let mails: NotificationMails
    let letters: Letters
    let maintenance: Maintenance

    init(
        _ parts: Parts, media: MediaParts? = nil, hasher: PasswordHasher, mailer: (any Mailer)? = nil,
        providers: [OpenIDProvider] = [], push: PushParts? = nil, transient: TransientEvents, state: SystemState,
        nodes: @escaping @Sendable (Transaction) throws -> [Cluster.Node] = { _ in [] },
        voiceServer: JanusServer? = nil
    ) {
        self.parts = parts
        let maintenance = Maintenance(
            database: parts.database, clock: parts.clock, state: state, otherNodes: transient.node)
        self.maintenance = maintenance
        let files = FileFeatures(parts, media: media)
        let people = PeopleFeatures(parts, hasher: hasher, mailer: mailer, providers: providers)
        let community = CommunityFeatures(parts, files, people, transient: transient, voiceServer: voiceServer)
        let content = ContentFeatures(
            parts, files, community, push: push, mailer: mailer, transient: transient,
            isPaused: { maintenance.error() != nil })

        sessions = people.sessions
        presences = community.presences
        voice = community.voice
        typing = content.typing
        receipts = content.receipts
        search = content.search
        linkPreviews = content.linkPreviews
        pushes = content.pushes
        mails = content.mails
        letters = people.letters
        jobs = Jobs(
            parts: parts, blobs: files.blobs,
            makers: [
                .transcript: TranscriptMaker(database: parts.database),
                .dataExport: DataExportMaker(
                    features: parts.features, database: parts.database, blobs: files.blobs),
            ])
        let invites = community.invites
        let registrations = Registrations(
            parts, people, enter: { code, user, tx in _ = try invites.join(code, by: user, tx) })
        let deletions = AccountDeletions(parts: parts, twoFactor: people.twoFactor, sessions: sessions)
        let adminLog = AdminLog(parts: parts)
        blocks = Blocks(parts: parts, log: adminLog)

        let instance: [any Feature] = [
            jobs, Transcripts(parts: parts, jobs: jobs),
            DataExports(parts: parts, jobs: jobs, reauthentication: people.reauthentication), QRCodeRoutes(),
            CallRoutes(), Reports(parts: parts), Feedback(parts: parts, log: adminLog),
            AdminUsers(parts: parts, sessions: sessions, deletions: deletions, log: adminLog),
            AdminOverview(parts: parts, log: adminLog), DiscoveryReviews(parts: parts, log: adminLog), adminLog, blocks,
            Nodes(parts: parts, living: nodes), maintenance,
        ]
        all =
            [SystemRoutes(parts: parts, media: media, state: state), registrations] + people.all
            + [deletions, LowerParts(parts: parts), SetAside(parts: parts)] + community.all + content.all + instance
            + files.all
    }

    /// What the features are, which is known before any of them is there.
    static let types: [any Feature.Type] = withoutDatabase(FeatureList([])).all.map { type(of: $0) }

    /// Features on a database that does not exist, for their declarations.
    static let documented = withoutDatabase(FeatureList(types))

    private static func withoutDatabase(_ features: FeatureList) -> AllFeatures {
        let logger = Logger(label: "documentation")
        let clock = SystemClock()
        let parts = Parts(
            features: features, database: NoDatabase(), log: EventLog(dialect: .sqlite, logger: logger),
            ids: Snowflakes(clock: clock, worker: 0), clock: clock, randomness: SystemRandomness(),
            configuration: .standard,
            logger: logger)
        return AllFeatures(
            parts, hasher: PasswordHasher(.init(), concurrency: 1, randomness: SystemRandomness()),
            transient: TransientEvents(), state: SystemState(startedAt: clock.now()))
    }

    /// A module that is switched off keeps its routes, which answer 503.
    var routes: [Route] {
        all.flatMap { feature in
            let isOff = type(of: feature).module.map(parts.configuration.disabledModules.contains) ?? false
            return isOff ? feature.routes.map(\.switchedOff) : feature.routes
        }
    }
}

/// A database that can't be reached.
private struct NoDatabase: SQLDatabase {
    var dialect: SQLDialect { .sqlite }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Result) async throws -> Result {
        throw DatabaseError.closed
    }

    func write<Result: Sendable>(
        _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        throw DatabaseError.closed
    }

    func close() async {}
}

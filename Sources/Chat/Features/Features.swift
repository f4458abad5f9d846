import Database
import EventLog
import Kernel
import Logging
import OpenIDConnect
import WebAPI

/// All features. What the server does as a whole are loops over them.
struct Features: Sendable {
    let parts: Parts
    /// In the order in which an account is taken apart.
    let all: [any Feature]
    // Those that the whole calls by their names.
    let sessions: Sessions
    let presences: Presences
    let typing: Typing
    let search: Search
    let jobs: Jobs
    let linkPreviews: LinkPreviews
    let blocks: Blocks
    let maintenance: Maintenance

    init(
        _ parts: Parts, media: MediaParts? = nil, hasher: PasswordHasher, letters: Letters? = nil,
        providers: [OpenIDProvider] = [], transient: TransientEvents, state: SystemState
    ) {
        self.parts = parts
        sessions = Sessions(parts)
        let tokens = OneTimeTokens(randomness: parts.randomness)
        let accounts = Accounts(
            parts: parts, hasher: hasher, sessions: sessions, tokens: tokens)
        let twoFactor = TwoFactor(parts: parts, accounts: accounts)
        let passkeys = Passkeys(parts: parts, accounts: accounts, twoFactor: twoFactor, letters: letters)
        let recovery = Recovery(parts: parts, accounts: accounts, letters: letters)
        let singleSignOn = SingleSignOn(
            parts: parts, accounts: accounts, recovery: recovery,
            providers: Dictionary(uniqueKeysWithValues: providers.map { ($0.configuration.name, $0) }))
        let users = Users(parts: parts, accounts: accounts, letters: letters)
        let sight = Sight(ids: parts.ids)
        let auditLog = AuditLog(parts: parts)
        let blobs = Blobs(parts: parts, media: media)
        let intake = Intake(parts: parts, blobs: blobs)
        let thumbnails = Thumbnails(parts: parts, blobs: blobs, intake: intake)
        let attachments = Attachments(parts: parts, blobs: blobs, intake: intake, thumbnails: thumbnails)
        let uploads = Uploads(parts: parts, blobs: blobs, attachments: attachments)
        let avatars = Avatars(parts: parts, blobs: blobs, intake: intake, thumbnails: thumbnails, auditLog: auditLog)
        linkPreviews = LinkPreviews(parts: parts, blobs: blobs, intake: intake)
        presences = Presences(parts, transient: transient)
        let notifications = Notifications(parts: parts)
        let servers = Servers(parts: parts, accounts: accounts, sight: sight, auditLog: auditLog)
        let members = Members(
            parts: parts, sight: sight, auditLog: auditLog, presences: presences,
            notifications: notifications)
        let temporaryMembers = TemporaryMembers(parts: parts, presences: presences)
        let roles = Roles(parts: parts, sight: sight, auditLog: auditLog)
        let overwrites = Overwrites(parts: parts, sight: sight, auditLog: auditLog)
        let bans = Bans(parts: parts, auditLog: auditLog, notifications: notifications)
        let permissionReports = PermissionReports(parts: parts)
        let relationships = Relationships(parts: parts, presences: presences, notifications: notifications)
        let privateChannels = PrivateChannels(parts: parts, notifications: notifications)
        let channels = Channels(parts: parts, sight: sight, auditLog: auditLog)
        let invites = Invites(parts: parts, servers: servers, auditLog: auditLog, notifications: notifications)
        let registrations = Registrations(parts: parts, accounts: accounts, invites: invites, recovery: recovery)
        let messages = Messages(
            parts: parts, auditLog: auditLog, notifications: notifications, links: linkPreviews)
        let readStates = ReadStates(parts: parts)
        let reactions = Reactions(parts: parts, auditLog: auditLog)
        let pins = Pins(parts: parts, auditLog: auditLog)
        let polls = Polls(parts: parts, messages: messages, auditLog: auditLog)
        let threads = Threads(parts: parts, auditLog: auditLog)
        let emojis = Emojis(parts: parts, blobs: blobs, intake: intake, auditLog: auditLog)
        search = Search(parts: parts)
        let settings = UserSettings(parts: parts)
        let notes = UserNotes(parts: parts)
        let bookmarks = Bookmarks(parts: parts)
        let webhooks = Webhooks(parts: parts, auditLog: auditLog, messages: messages)
        maintenance = Maintenance(database: parts.database, clock: parts.clock, state: state)
        let scheduledMessages = ScheduledMessages(parts: parts, messages: messages, maintenance: maintenance)
        jobs = Jobs(
            parts: parts, blobs: blobs,
            makers: [
                .transcript: TranscriptMaker(database: parts.database),
                .dataExport: DataExportMaker(database: parts.database, blobs: blobs),
            ])
        let transcripts = Transcripts(parts: parts, jobs: jobs)
        let reauthentication = Reauthentication(
            parts: parts, accounts: accounts, twoFactor: twoFactor, passkeys: passkeys)
        let dataExports = DataExports(parts: parts, jobs: jobs, reauthentication: reauthentication)
        let deletions = AccountDeletions(parts: parts, twoFactor: twoFactor, sessions: sessions)
        let reports = Reports(parts: parts)
        let feedback = Feedback(parts: parts)
        let setAside = SetAside(parts: parts)
        let adminLog = AdminLog(parts: parts)
        let adminUsers = AdminUsers(parts: parts, sessions: sessions, deletions: deletions, log: adminLog)
        let adminOverview = AdminOverview(parts: parts, log: adminLog)
        blocks = Blocks(parts: parts, log: adminLog)
        let applications = Applications(
            parts: parts, servers: servers, sessions: sessions, auditLog: auditLog)
        typing = Typing(parts: parts, transient: transient)
        let system = SystemRoutes(parts: parts, media: media, state: state)

        all = [
            system, registrations, accounts, tokens, twoFactor, passkeys, singleSignOn,
            PasswordReset(recovery: recovery), EmailVerification(recovery: recovery), sessions, reauthentication, users,
            settings, notes, deletions, LowerParts(parts: parts), setAside, channels, servers, members,
            temporaryMembers, roles, threads, privateChannels, overwrites, relationships, presences, readStates,
            notifications, applications, invites, bans, auditLog, permissionReports, messages, reactions, pins, polls,
            emojis, search, bookmarks, webhooks, scheduledMessages, jobs, transcripts, dataExports, attachments,
            uploads, avatars, linkPreviews, typing, QRCodeRoutes(), VoiceRoutes(), reports, feedback, adminUsers,
            adminOverview, adminLog, blocks, maintenance, blobs,
        ]
    }

    /// Features on a database that does not exist, for their declarations.
    static let documented: Features = {
        let version = Version(.alpha, 1, 0, build: 1)
        let logger = Logger(label: "documentation")
        let clock = SystemClock()
        let parts = Parts(
            database: NoDatabase(), log: EventLog(dialect: .sqlite, logger: logger),
            ids: Snowflakes(clock: clock, worker: 0), clock: clock, randomness: SystemRandomness(),
            configuration: ChatConfiguration(
                versions: ClientVersionPolicy(server: version, minimum: version, updateURL: nil)),
            logger: logger)
        return Features(
            parts, hasher: PasswordHasher(.init(), concurrency: 1, randomness: SystemRandomness()),
            transient: TransientEvents(), state: SystemState(startedAt: clock.now()))
    }()

    /// A module that is switched off keeps its routes, which answer 503.
    var routes: [Route] {
        all.flatMap { feature in
            let isOff = type(of: feature).module.map(parts.configuration.disabledModules.contains) ?? false
            return isOff ? feature.routes.map(\.switchedOff) : feature.routes
        }
    }
}

/// A database that can't be reached.
private struct NoDatabase: Database {
    var dialect: SQLDialect { .sqlite }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Result) async throws -> Result {
        throw DatabaseError.closed
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Result) async throws -> Result {
        throw DatabaseError.closed
    }

    func close() async {}
}

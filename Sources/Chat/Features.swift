import Database
import EventLog
import Kernel
import Logging
import OpenIDConnect
import WebAPI

/// All features, one line each. A module that is switched off keeps its routes, which answer 503.
struct Features: Sendable {
    let parts: Parts
    let blobs: Blobs
    let attachments: Attachments
    let uploads: Uploads
    let avatars: Avatars
    let linkPreviews: LinkPreviews
    let sessions: Sessions
    let accounts: Accounts
    let twoFactor: TwoFactor
    let passkeys: Passkeys
    let singleSignOn: SingleSignOn
    let recovery: Recovery
    let registrations: Registrations
    let users: Users
    let servers: Servers
    let members: Members
    let temporaryMembers: TemporaryMembers
    let roles: Roles
    let overwrites: Overwrites
    let bans: Bans
    let auditLog: AuditLog
    let permissionReports: PermissionReports
    let relationships: Relationships
    let privateChannels: PrivateChannels
    let presences: Presences
    let notifications: Notifications
    let readStates: ReadStates
    let reactions: Reactions
    let pins: Pins
    let polls: Polls
    let threads: Threads
    let emojis: Emojis
    let search: Search
    let settings: UserSettings
    let notes: UserNotes
    let bookmarks: Bookmarks
    let webhooks: Webhooks
    let applications: Applications
    let scheduledMessages: ScheduledMessages
    let jobs: Jobs
    let transcripts: Transcripts
    let dataExports: DataExports
    let deletions: AccountDeletions
    let reports: Reports
    let feedback: Feedback
    let reauthentication: Reauthentication
    let setAside: SetAside
    let background: BackgroundSteps
    let adminLog: AdminLog
    let adminUsers: AdminUsers
    let adminOverview: AdminOverview
    let blocks: Blocks
    let channels: Channels
    let invites: Invites
    let messages: Messages
    let typing: Typing
    let maintenance: Maintenance
    let system: SystemRoutes

    init(
        _ parts: Parts, media: MediaParts? = nil, hasher: PasswordHasher, letters: Letters? = nil,
        providers: [OpenIDProvider] = [], transient: TransientEvents, state: SystemState
    ) {
        self.parts = parts
        sessions = Sessions(parts)
        accounts = Accounts(
            parts: parts, hasher: hasher, sessions: sessions, tokens: OneTimeTokens(randomness: parts.randomness))
        twoFactor = TwoFactor(parts: parts, accounts: accounts)
        passkeys = Passkeys(parts: parts, accounts: accounts, twoFactor: twoFactor, letters: letters)
        recovery = Recovery(parts: parts, accounts: accounts, letters: letters)
        singleSignOn = SingleSignOn(
            parts: parts, accounts: accounts, recovery: recovery,
            providers: Dictionary(uniqueKeysWithValues: providers.map { ($0.configuration.name, $0) }))
        users = Users(parts: parts, accounts: accounts, letters: letters)
        let sight = Sight(ids: parts.ids)
        auditLog = AuditLog(parts: parts)
        blobs = Blobs(parts: parts, media: media)
        let intake = Intake(parts: parts, blobs: blobs)
        let thumbnails = Thumbnails(parts: parts, blobs: blobs, intake: intake)
        attachments = Attachments(parts: parts, blobs: blobs, intake: intake, thumbnails: thumbnails)
        uploads = Uploads(parts: parts, blobs: blobs, attachments: attachments)
        avatars = Avatars(parts: parts, blobs: blobs, intake: intake, thumbnails: thumbnails, auditLog: auditLog)
        linkPreviews = LinkPreviews(parts: parts, blobs: blobs, intake: intake)
        presences = Presences(parts, transient: transient)
        notifications = Notifications(parts: parts)
        servers = Servers(parts: parts, accounts: accounts, sight: sight, auditLog: auditLog)
        members = Members(
            parts: parts, sight: sight, auditLog: auditLog, presences: presences,
            notifications: notifications)
        temporaryMembers = TemporaryMembers(parts: parts, presences: presences)
        roles = Roles(parts: parts, sight: sight, auditLog: auditLog)
        overwrites = Overwrites(parts: parts, sight: sight, auditLog: auditLog)
        bans = Bans(parts: parts, auditLog: auditLog, notifications: notifications)
        permissionReports = PermissionReports(parts: parts)
        relationships = Relationships(parts: parts, presences: presences, notifications: notifications)
        privateChannels = PrivateChannels(parts: parts, notifications: notifications)
        channels = Channels(parts: parts, sight: sight, auditLog: auditLog)
        invites = Invites(parts: parts, servers: servers, auditLog: auditLog, notifications: notifications)
        registrations = Registrations(parts: parts, accounts: accounts, invites: invites, recovery: recovery)
        messages = Messages(
            parts: parts, auditLog: auditLog, notifications: notifications, links: linkPreviews)
        readStates = ReadStates(parts: parts)
        reactions = Reactions(parts: parts, auditLog: auditLog)
        pins = Pins(parts: parts, auditLog: auditLog)
        polls = Polls(parts: parts, messages: messages, auditLog: auditLog)
        threads = Threads(parts: parts, auditLog: auditLog)
        emojis = Emojis(parts: parts, blobs: blobs, intake: intake, auditLog: auditLog)
        search = Search(parts: parts)
        settings = UserSettings(parts: parts)
        notes = UserNotes(parts: parts)
        bookmarks = Bookmarks(parts: parts)
        webhooks = Webhooks(parts: parts, auditLog: auditLog, messages: messages)
        maintenance = Maintenance(database: parts.database, clock: parts.clock, state: state)
        scheduledMessages = ScheduledMessages(parts: parts, messages: messages, maintenance: maintenance)
        jobs = Jobs(
            parts: parts, blobs: blobs,
            makers: [
                .transcript: TranscriptMaker(database: parts.database),
                .dataExport: DataExportMaker(database: parts.database, blobs: blobs),
            ])
        transcripts = Transcripts(parts: parts, jobs: jobs)
        reauthentication = Reauthentication(
            parts: parts, accounts: accounts, twoFactor: twoFactor, passkeys: passkeys)
        dataExports = DataExports(parts: parts, jobs: jobs, reauthentication: reauthentication)
        deletions = AccountDeletions(parts: parts, twoFactor: twoFactor, sessions: sessions, servers: servers)
        reports = Reports(parts: parts)
        feedback = Feedback(parts: parts)
        setAside = SetAside(parts: parts)
        background = BackgroundSteps(logger: parts.logger)
        adminLog = AdminLog(parts: parts)
        adminUsers = AdminUsers(parts: parts, sessions: sessions, deletions: deletions, log: adminLog)
        adminOverview = AdminOverview(parts: parts, log: adminLog)
        blocks = Blocks(parts: parts, log: adminLog)
        applications = Applications(
            parts: parts, servers: servers, sessions: sessions, deletions: deletions, auditLog: auditLog)
        typing = Typing(parts: parts, transient: transient)
        system = SystemRoutes(parts: parts, media: media, state: state)
    }

    /// Features on a database that does not exist, for their declarations.
    static var documented: Features {
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
    }

    var routes: [Route] {
        system.routes + switchable(.registration, registrations.routes) + accounts.routes
            + switchable(.twoFactor, twoFactor.routes) + switchable(.passkeys, passkeys.routes)
            + switchable(.oauth, singleSignOn.routes) + switchable(.passwordReset, recovery.passwordRoutes)
            + switchable(.emailVerification, recovery.addressRoutes) + sessions.routes + users.routes
            + relationships.routes + privateChannels.routes + presences.routes + notifications.routes
            + servers.routes + members.routes + roles.routes + overwrites.routes + bans.routes + auditLog.routes
            + permissionReports.routes + channels.routes + switchable(.invites, invites.routes)
            + readStates.routes + switchable(.search, search.routes) + messages.routes + reactions.routes + pins.routes
            + polls.routes + threads.routes + emojis.routes + settings.routes + notes.routes + bookmarks.routes
            + switchable(.webhooks, webhooks.routes) + applications.routes + scheduledMessages.routes
            + transcripts.routes + dataExports.routes + deletions.routes + reports.routes
            + feedback.routes + reauthentication.routes
            + adminUsers.routes + adminOverview.routes + adminLog.routes + blocks.routes
            + switchable(.typing, typing.routes) + maintenance.routes + switchable(.qr, QRCodeRoutes.routes)
            + switchable(.uploads, attachments.routes + uploads.routes) + switchable(.avatars, avatars.routes)
            + switchable(.linkPreviews, linkPreviews.routes) + VoiceRoutes.routes
    }

    private func switchable(_ module: Module, _ routes: [Route]) -> [Route] {
        parts.configuration.disabledModules.contains(module) ? routes.map(\.switchedOff) : routes
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

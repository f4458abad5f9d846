import Database
import EventLog
import Kernel
import Logging
import OpenIDConnect
import WebAPI

/// All features, one line each. A module that is switched off keeps its routes, which answer 503.
struct Features: Sendable {
    let parts: Parts
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
    let channels: Channels
    let invites: Invites
    let messages: Messages
    let typing: Typing
    let maintenance: Maintenance
    let system: SystemRoutes

    init(
        _ parts: Parts, hasher: PasswordHasher, letters: Letters? = nil, providers: [OpenIDProvider] = [],
        transient: TransientEvents, state: SystemState
    ) {
        self.parts = parts
        sessions = Sessions(parts)
        accounts = Accounts(
            parts: parts, hasher: hasher, sessions: sessions, tokens: OneTimeTokens(randomness: parts.randomness))
        twoFactor = TwoFactor(parts: parts, accounts: accounts)
        passkeys = Passkeys(parts: parts, accounts: accounts)
        recovery = Recovery(parts: parts, accounts: accounts, letters: letters)
        singleSignOn = SingleSignOn(
            parts: parts, accounts: accounts, recovery: recovery,
            providers: Dictionary(uniqueKeysWithValues: providers.map { ($0.configuration.name, $0) }))
        users = Users(parts: parts, accounts: accounts, letters: letters)
        servers = Servers(parts: parts, accounts: accounts)
        members = Members(parts: parts)
        channels = Channels(parts: parts)
        invites = Invites(parts: parts, servers: servers)
        registrations = Registrations(parts: parts, accounts: accounts, invites: invites, recovery: recovery)
        messages = Messages(parts: parts)
        typing = Typing(parts: parts, transient: transient)
        maintenance = Maintenance(database: parts.database, clock: parts.clock, state: state)
        system = SystemRoutes(parts: parts, state: state)
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
            + servers.routes + members.routes + channels.routes + switchable(.invites, invites.routes) + messages.routes
            + switchable(.typing, typing.routes) + maintenance.routes + switchable(.qr, QRCodeRoutes.routes)
            + LaterRoutes.routes
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

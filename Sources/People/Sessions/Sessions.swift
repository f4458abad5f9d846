import Database
import Events
import Features
import Kernel
import NIOConcurrencyHelpers

/// Logins: who is behind a token, which ones a user has, and how they end.
package final class Sessions: Authenticator {
    /// A login that was used is written down at most this often.
    private static let activityStep = Duration.seconds(60)
    /// How long a token is believed without asking the database. Its end is announced, so this only bounds what a lost
    /// announcement could do.
    private static let cacheLifetime = Duration.seconds(30)
    private static let maximumCached = 20_000

    private struct CachedLogin {
        let caller: Caller
        let expiresAt: Timestamp
        let checkedAt: Timestamp

        /// Not if the clock was set back since.
        func isFresh(at now: Timestamp) -> Bool { checkedAt <= now && now - checkedAt < Sessions.cacheLifetime }
    }

    private struct Cache {
        private(set) var logins: [[UInt8]: CachedLogin] = [:]
        /// One login has several while it is not known yet that a token was replaced.
        private var hashes: [SessionID: Set<[UInt8]>] = [:]
        /// Counts announcements, so that a login read from the database before its end was announced is not kept after it.
        var generation = 0

        init(generation: Int = 0) { self.generation = generation }

        mutating func add(_ login: CachedLogin) {
            logins[login.caller.tokenHash] = login
            hashes[login.caller.login, default: []].insert(login.caller.tokenHash)
        }

        mutating func forget(_ login: SessionID) {
            for hash in hashes.removeValue(forKey: login) ?? [] { logins[hash] = nil }
        }

        mutating func forget(_ user: UserID) {
            generation += 1
            for login in logins.values where login.caller.user == user { forget(login.caller.login) }
        }
    }

    private let parts: Parts
    private let cache = NIOLockedValueBox(Cache())

    init(_ parts: Parts) {
        self.parts = parts
        parts.log.listen { [cache] events in
            let (ended, changed) = (events.flatMap(\.endedLogins), events.flatMap(\.usersOfOtherStanding))
            guard !ended.isEmpty || !changed.isEmpty else { return }
            cache.withLockedValue { cache in
                cache.generation += 1
                for login in ended { cache.forget(login) }
                for user in changed { cache.forget(user) }
            }
        }
    }

    // MARK: Beginning

    func newLogin(of user: UserID, from client: ClientInformation) -> NewLogin {
        let (token, hash) = newToken()
        return NewLogin(
            id: parts.ids.next(), user: user, token: token, tokenHash: hash, address: client.address,
            userAgent: client.userAgent)
    }

    /// Stores a login. The user's oldest ones give way when there are too many.
    func begin(_ login: NewLogin, _ tx: Transaction) throws {
        let others = try SessionStore.logins(of: login.user, tx)
        let surplus = others.dropFirst(parts.configuration.sessionsPerUser - 1).map(\.id)
        try Self.end(Array(surplus), of: login.user, tx)
        if !surplus.isEmpty {
            let client = ClientInformation(address: login.address, userAgent: login.userAgent, origin: "")
            try SecurityLog.record(
                .sessionRevoke, of: login.user, from: client, session: login.id,
                with: ["sessions": .integer(Int64(surplus.count)), "displaced": .bool(true)], parts, tx)
        }
        try SessionStore.insert(login, expiresAt: tx.now + parts.configuration.sessionLifetime, tx)
    }

    private func newToken() -> (token: String, hash: [UInt8]) { SecretToken.make(parts.randomness) }

    private static func hash(_ token: String) -> [UInt8] { SecretToken.hash(token) }

    // MARK: Authenticating

    package func authenticate(_ credentials: Credentials) async throws -> Caller {
        switch credentials {
        case .bearer(let token): try await caller(forToken: token)
        case .bot(let token): try await bot(forToken: token)
        }
    }

    /// A bot's token counts as long as the bot and its owner may use their accounts.
    /// - Throws: `.invalidToken`.
    package func bot(forToken token: String) async throws -> Caller {
        let (hash, now) = (Self.hash(token), parts.clock.now())
        if let cached = cache.withLockedValue({ $0.logins[hash] }), cached.caller.isBot, cached.isFresh(at: now) {
            return cached.caller
        }
        return try await currentBot(forToken: token)
    }

    /// The same by what the database says, for what goes on when the token has ended.
    package func currentBot(forToken token: String) async throws -> Caller {
        let (hash, now) = (Self.hash(token), parts.clock.now())
        let generation = cache.withLockedValue { $0.generation }
        let found = try await parts.database.read { tx -> Caller? in
            guard let bot = try ApplicationStore.bot(withTokenHash: hash, tx) else { return nil }
            let user = try UserStore.required(bot.user, tx)
            guard try Self.isInUse(user, tx) else { return nil }
            return Caller(user: user.id, login: bot.token, tokenHash: hash, isBot: true, tier: user.tier)
        }
        guard let caller = found else { throw APIError.invalidToken }
        remember(caller, until: now + Self.cacheLifetime, now, generation)
        return caller
    }

    /// Whether an account may be used, and that of its owner, if it is a bot's.
    package static func isInUse(_ user: User, _ tx: Transaction) throws -> Bool {
        guard user.isInUse else { return false }
        guard user.isBot else { return true }
        guard let owner = try ApplicationStore.application(ofBot: user.id, tx)?.owner else { return false }
        return try UserStore.required(owner, tx).isInUse
    }

    /// What ends with the use of an account besides its own logins: the sockets of the bots that it is the owner of, which
    /// find that their tokens do not count.
    package static func endBots(of owner: UserID, _ tx: Transaction) throws {
        for bot in try ApplicationStore.applications(of: owner, tx).compactMap(\.bot) {
            tx.endLogins(try ApplicationStore.tokens(of: bot, tx), of: bot)
        }
    }

    /// The same, for good: no token is left, that of the account too if it is a bot's.
    package static func takeTokens(ofBotsOf owner: UserID, _ tx: Transaction) throws {
        for bot in try ApplicationStore.applications(of: owner, tx).compactMap(\.bot) + [owner] {
            tx.endLogins(try ApplicationStore.deleteTokens(of: bot, tx), of: bot)
        }
    }

    private func remember(_ caller: Caller, until expiresAt: Timestamp, _ now: Timestamp, _ generation: Int) {
        cache.withLockedValue { cache in
            // The end of a login may have been announced while it was being read.
            guard cache.generation == generation else { return }
            if cache.logins.count >= Self.maximumCached { cache = Cache(generation: cache.generation) }
            cache.add(CachedLogin(caller: caller, expiresAt: expiresAt, checkedAt: now))
        }
    }

    /// - Throws: `.invalidToken`, `.tokenExpired`.
    package func caller(forToken token: String) async throws -> Caller {
        let (hash, now) = (Self.hash(token), parts.clock.now())
        if let cached = cache.withLockedValue({ $0.logins[hash] }), !cached.caller.isBot, cached.isFresh(at: now),
            now < cached.expiresAt
        {
            return cached.caller
        }
        return try await currentCaller(forToken: token)
    }

    /// The same by what the database says, for what goes on when the token has ended.
    package func currentCaller(forToken token: String) async throws -> Caller {
        let (hash, now) = (Self.hash(token), parts.clock.now())
        let generation = cache.withLockedValue { $0.generation }
        guard let found = try await parts.database.read({ tx in try SessionStore.login(withTokenHash: hash, tx) })
        else { throw APIError.invalidToken }
        let login = found.login
        guard login.expiresAt > now else { throw APIError.tokenExpired }
        try await noteUse(of: login, now)
        let caller = Caller(
            user: login.user, login: login.id, tokenHash: hash, isAdmin: found.isAdmin, tier: found.tier)
        remember(caller, until: login.expiresAt, now, generation)
        return caller
    }

    private func noteUse(of login: Login, _ now: Timestamp) async throws {
        guard now - login.lastActivity >= Self.activityStep else { return }
        let lifetime = parts.configuration.sessionLifetime
        try await parts.database.write { tx in try SessionStore.use(login.id, expiresAt: tx.now + lifetime, tx) }
    }

    // MARK: The user's own list

    func logins(of caller: Caller) async throws -> [ListedLogin] {
        try await parts.database.read { tx in
            try SessionStore.logins(of: caller.user, tx).map {
                ListedLogin(login: $0, isCurrent: $0.id == caller.login)
            }
        }
    }

    /// A new token for the same login; the old one stops working at once.
    func refresh(_ caller: Caller) async throws -> RefreshedLogin {
        let (token, hash) = newToken()
        let lifetime = parts.configuration.sessionLifetime
        let expiresAt = try await parts.database.write { tx in
            let expiresAt = tx.now + lifetime
            // Of two refreshes with one token the second comes too late.
            guard
                try SessionStore.replaceToken(
                    caller.tokenHash, of: caller.login, with: hash, expiresAt: expiresAt, tx)
            else { throw APIError.invalidToken }
            // Other nodes may know the old one.
            tx.changeStanding(of: [caller.user])
            return expiresAt
        }
        forget(caller.user)
        return RefreshedLogin(token: token, expiresAt: expiresAt)
    }

    /// Somebody's logins that have not run out.
    package static func logins(of user: UserID, _ tx: Transaction) throws -> [SessionID] {
        try SessionStore.logins(of: user, tx).map(\.id)
    }

    /// Those of some logins that have neither ended nor run out.
    package static func alive(among logins: [SessionID], _ tx: Transaction) throws -> [SessionID] {
        try SessionStore.alive(among: logins, tx)
    }

    // MARK: Ending

    /// Asks the database about a user's tokens from now on. Called after logins were ended: the announcement of their end may
    /// come a moment after the answer to the request that ended them.
    package func forget(_ user: UserID) { cache.withLockedValue { $0.forget(user) } }

    func logOut(_ caller: Caller, from client: ClientInformation) async throws {
        defer { forget(caller.user) }
        try await parts.database.write { [parts] tx in
            try Self.end([caller.login], of: caller.user, tx)
            try SecurityLog.record(.logout, of: caller.user, from: client, session: caller.login, parts, tx)
        }
    }

    /// - Throws: `.sessionNotFound` also for a login of somebody else.
    func revoke(_ login: SessionID, of caller: Caller, from client: ClientInformation) async throws {
        defer { forget(caller.user) }
        try await parts.database.write { [parts] tx in
            guard try SessionStore.logins(of: caller.user, tx).contains(where: { $0.id == login }) else {
                throw APIError.sessionNotFound
            }
            try Self.end([login], of: caller.user, because: .revoked, tx)
            try SecurityLog.record(.sessionRevoke, of: caller.user, from: client, session: login, parts, tx)
        }
    }

    /// - Parameter kept: goes on.
    func revokeAll(of caller: Caller, except kept: SessionID?, from client: ClientInformation) async throws -> Int {
        defer { forget(caller.user) }
        return try await parts.database.write { [parts] tx in
            let count = try Self.endAll(of: caller.user, except: kept, because: .revoked, tx)
            try SecurityLog.record(
                .sessionRevoke, of: caller.user, from: client, session: caller.login,
                with: ["sessions": .integer(Int64(count))], parts, tx)
            return count
        }
    }

    /// Ends a user's logins, but for one, whose devices are told why.
    @discardableResult
    package static func endAll(
        of user: UserID, except kept: SessionID?, because reason: SecurityLogout.Reason, _ tx: Transaction
    ) throws -> Int {
        let logins = try SessionStore.logins(of: user, tx).map(\.id).filter { $0 != kept }
        try end(logins, of: user, because: reason, tx)
        return logins.count
    }

    /// - Parameter reason: tells the user's other devices; nil for what needs no attention.
    private static func end(
        _ logins: [SessionID], of user: UserID, because reason: SecurityLogout.Reason? = nil, _ tx: Transaction
    ) throws {
        guard !logins.isEmpty else { return }
        try SessionStore.delete(logins, tx)
        tx.endLogins(logins, of: user)
        if let reason {
            tx.emit(.securityLogout, SecurityLogout(logins: logins, reason: reason), to: .user(user))
        }
    }

    package func deleteExpired() async throws {
        try await parts.database.write { tx in try SessionStore.deleteExpired(limit: 500, tx) }
    }
}

import Database
import Events
import Features
import Kernel

/// Programs and their bots. A bot is a user that logs in with a token instead of a password and comes to a server when somebody
/// who manages it brings it.
package struct Applications: Sendable {
    static let maximumPerUser = 25

    let parts: Parts
    let sessions: Sessions

    struct Draft: Sendable {
        let name: String
        let description: String?
        let isPublic: Bool
        let intents: Intents
    }

    // MARK: Applications

    func list(of caller: Caller) async throws -> [Application] {
        try await parts.database.read { tx in try ApplicationStore.applications(of: caller.user, tx) }
    }

    func create(_ draft: Draft, by caller: Caller) async throws -> Application {
        try await parts.database.write { tx in
            guard try ApplicationStore.applications(of: caller.user, tx).count < Self.maximumPerUser else {
                throw APIError.invalidInput("name", "you have \(Self.maximumPerUser) applications, which is the limit")
            }
            let application = Application(
                id: parts.ids.next(), owner: caller.user, name: draft.name, description: draft.description,
                isPublic: draft.isPublic, intents: draft.intents, bot: nil, createdAt: tx.now)
            try ApplicationStore.insert(application, tx)
            return application
        }
    }

    /// - Throws: `.applicationNotFound` also for somebody else's.
    private static func owned(_ id: ApplicationID, by caller: Caller, _ tx: Transaction) throws -> Application {
        guard let application = try ApplicationStore.application(id, tx), application.owner == caller.user else {
            throw APIError.applicationNotFound
        }
        return application
    }

    func read(_ id: ApplicationID, for caller: Caller) async throws -> Application {
        try await parts.database.read { tx in try Self.owned(id, by: caller, tx) }
    }

    /// An intent that is taken away ends the bot's sessions, which may have it.
    func replace(_ id: ApplicationID, _ draft: Draft, by caller: Caller) async throws -> Application {
        try await parts.database.write { tx in
            var application = try Self.owned(id, by: caller, tx)
            let isNarrower = !application.intents.isSubset(of: draft.intents)
            application.name = draft.name
            application.description = draft.description
            application.isPublic = draft.isPublic
            application.intents = draft.intents
            try ApplicationStore.update(application, tx)
            if isNarrower, let bot = application.bot {
                // The token stays: the sockets close, and come back with what is granted.
                tx.endLogins(try ApplicationStore.tokens(of: bot, tx), of: bot)
            }
            return application
        }
    }

    /// Deletes the application and its bot's account, whose name is free again; what the bot wrote stays.
    func delete(_ id: ApplicationID, by caller: Caller) async throws {
        let bot = try await parts.database.write { tx in
            let application = try Self.owned(id, by: caller, tx)
            try ApplicationStore.delete(id, tx)
            if let bot = application.bot { try AccountErasure.erase(bot, parts, tx) }
            return application.bot
        }
        if let bot { sessions.forget(bot) }
    }

    // MARK: Bots

    /// Makes the application's bot.
    /// - Throws: `.alreadyExists`, `.usernameTaken`, `.invalidInput` for a name that is not to be had.
    func createBot(
        named name: String?, for id: ApplicationID, by caller: Caller, from client: ClientInformation
    ) async throws -> BotToken {
        try await parts.database.write { tx in
            let application = try Self.owned(id, by: caller, tx)
            guard application.bot == nil else { throw APIError.alreadyExists }
            let bot: UserID = parts.ids.next()
            if let name { try AccountNames.requireFree(name, tx) }
            let name = name ?? GeneratedName.bot(bot)
            try ApplicationStore.insertBot(bot, named: name, tx)
            try ApplicationStore.setBot(bot, of: id, tx)
            try record(application, by: caller, from: client, tx)
            return try newToken(of: bot, tx)
        }
    }

    private func record(
        _ application: Application, by caller: Caller, from client: ClientInformation, _ tx: Transaction
    ) throws {
        try SecurityLog.record(
            .botToken, of: caller.user, from: client, session: caller.login,
            with: ["application_id": .string(application.id.description)], parts, tx)
    }

    private func newToken(of bot: UserID, _ tx: Transaction) throws -> BotToken {
        let (token, hash) = SecretToken.make(parts.randomness)
        try ApplicationStore.setToken(parts.ids.next(), hash: hash, of: bot, tx)
        return BotToken(token: token, bot: bot)
    }

    /// Another token; the old one stops working and its sockets close.
    /// - Throws: `.applicationNotFound` also for one without a bot; `.permissionDenied` for a bot that is locked.
    func replaceToken(
        of id: ApplicationID, by caller: Caller, from client: ClientInformation
    ) async throws -> BotToken {
        let token = try await parts.database.write { tx in
            let application = try Self.owned(id, by: caller, tx)
            guard let bot = application.bot else { throw APIError.applicationNotFound }
            guard try UserStore.required(bot, tx).isInUse else { throw APIError(.permissionDenied) }
            tx.endLogins(try ApplicationStore.deleteTokens(of: bot, tx), of: bot)
            try record(application, by: caller, from: client, tx)
            return try newToken(of: bot, tx)
        }
        sessions.forget(token.bot)
        return token
    }
}

import Database
import Features
import Kernel
import People

extension AuditAction {
    static let botAdd = AuditAction("bot.add")
}

/// Bots on servers, where those bring them who manage the server.
struct Bots: Feature {
    let parts: Parts
    let servers: Servers
    let auditLog: AuditLog

    package static let auditActions: [AuditAction] = [.botAdd]

    /// Brings a bot to a server.
    /// - Throws: `.permissionDenied`, `.applicationNotFound` for one that is not public, `.alreadyMember`,
    ///   `.bannedFromServer`.
    func bring(_ id: ApplicationID, to server: ServerID, by caller: Caller) async throws -> Member {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.serverManage)
            guard let application = try ApplicationStore.application(id, tx), let bot = application.bot,
                application.isPublic || application.owner == caller.user,
                try UserStore.required(bot, tx).isInUse, try UserStore.required(application.owner, tx).isInUse
            else { throw APIError.applicationNotFound }
            try servers.join(standing.server, by: bot, tx)
            try auditLog.record(.botAdd, .user(bot), in: server, by: caller, tx)
            guard let member = try MemberStore.member(bot, of: server, tx) else { throw APIError.internalServerError }
            return member
        }
    }
}

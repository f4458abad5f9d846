import Database
import Events
import Features
import Files
import Kernel
import Media
import WebAPI

/// Custom emoji of servers: making, listing, renaming, deleting and fetching them.
struct Emojis: Sendable {
    private static let maximum_bytes = 256 * 1024
    /// Twice as large as the largest that is shown, for fine screens.
    private static let edge = 128

    let parts: Parts
    let blobs: Blobs
    let intake: Intake
    let auditLog: AuditLog

    // MARK: Making

    /// - Throws: `.permissionDenied`, `.fileTooLarge`, `.invalidFileType`, `.alreadyExists` for a name that another one has,
    ///   `.invalidInput` for one too many.
    func create(_ content: RequestContent, in server: ServerID, by caller: Caller) async throws -> Emoji {
        try await parts.database.read { tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        }
        _ = try intake.tools()
        let form = try await content.picture(in: blobs, limit_bytes: Self.maximum_bytes)
        let name = try Self.name.value(of: form.fields["name"].map { .string($0) } ?? .null, named: "name")
        let picture = try await intake.picture(form.file, edge: Self.edge)
        let isAnimated = picture.size.frames > 1
        return try await blobs.keep(picture.file, .webp) { blob, tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
            let others = try EmojiStore.emojis(of: server, tx)
            if others.contains(where: { $0.name == name }) { throw APIError.alreadyExists }
            guard others.count(where: { $0.isAnimated == isAnimated }) < EmojiCounts.maximum else {
                throw APIError.invalidInput(
                    "image", "is one too many: a server has at most \(EmojiCounts.maximum) of its kind")
            }
            let emoji = Emoji(
                id: parts.ids.next(), server: server, name: name, isAnimated: isAnimated, blob: blob.id,
                creator: caller.user, createdAt: tx.now)
            try EmojiStore.insert(emoji, tx)
            try tell(server, tx)
            try auditLog.record(
                .emojiCreate, .emoji(emoji.id), in: server, by: caller, changes: AuditChanges.between(nil, emoji), tx)
            return emoji
        }
    }

    /// The picture of an emoji, for everybody: it may be used in other servers.
    func picture(of id: EmojiID) async throws -> FileAnswer {
        let blob = try await parts.database.read { tx in
            try EmojiStore.emoji(id, tx)?.blob.flatMap { try BlobStore.blob($0, tx) }
        }
        guard let blob else { throw APIError.emojiNotFound }
        return .file(blob.served(by: blobs, filename: nil, caching: .everybody(seconds: 86_400)))
    }

    // MARK: Keeping

    func list(_ server: ServerID, for caller: Caller) async throws -> [Emoji] {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            return try EmojiStore.emojis(of: server, tx)
        }
    }

    func counts(_ server: ServerID, for caller: Caller) async throws -> EmojiCounts {
        let emojis = try await list(server, for: caller)
        return EmojiCounts(still: emojis.count { !$0.isAnimated }, animated: emojis.count { $0.isAnimated })
    }

    /// - Throws: `.emojiNotFound`.
    func read(_ id: EmojiID, of server: ServerID, for caller: Caller) async throws -> Emoji {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            return try Self.required(id, of: server, tx)
        }
    }

    private static func required(_ id: EmojiID, of server: ServerID, _ tx: Transaction) throws -> Emoji {
        guard let emoji = try EmojiStore.emoji(id, tx), emoji.server == server else { throw APIError.emojiNotFound }
        return emoji
    }

    /// - Throws: `.permissionDenied`, `.emojiNotFound`, `.alreadyExists` for a name that another one has.
    func rename(_ id: EmojiID, to name: String, of server: ServerID, by caller: Caller) async throws -> Emoji {
        try await parts.database.write { tx in
            let old = try managed(id, of: server, by: caller, tx)
            guard old.name != name else { return old }
            if try EmojiStore.emojis(of: server, tx).contains(where: { $0.name == name }) {
                throw APIError.alreadyExists
            }
            var new = old
            new.name = name
            try EmojiStore.rename(id, to: name, tx)
            try tell(server, tx)
            try auditLog.record(
                .emojiUpdate, .emoji(id), in: server, by: caller, changes: AuditChanges.between(old, new), tx)
            return new
        }
    }

    func delete(_ id: EmojiID, of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let emoji = try managed(id, of: server, by: caller, tx)
            try EmojiStore.delete(emoji, tx)
            try tell(server, tx)
            try auditLog.record(
                .emojiDelete, .emoji(id), in: server, by: caller, changes: AuditChanges.between(emoji, nil), tx)
        }
    }

    private func managed(_ id: EmojiID, of server: ServerID, by caller: Caller, _ tx: Transaction) throws -> Emoji {
        try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        return try Self.required(id, of: server, tx)
    }

    private func tell(_ server: ServerID, _ tx: Transaction) throws {
        tx.emit(
            .guildEmojisUpdate, EmojisEvent(server: server, emojis: try EmojiStore.emojis(of: server, tx)),
            to: .server(server))
    }

    static let name = JSONReader.string(2...32).checked("may have a-z, 0-9 and '_'") { (name: String) -> String? in
        name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        } ? name : nil
    }

}

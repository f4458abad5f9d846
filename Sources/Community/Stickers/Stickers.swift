import Database
import Events
import Features
import Files
import Kernel
import Media

/// Stickers of servers and of the instance: making, listing, changing, deleting, suggesting and fetching them.
package struct Stickers: Sendable {
    static let cap = Cap("stickers", per: .server, 50, .refused(field: "image"), bucket: .upload)
    static let instanceCap = Cap("stickers", per: .instance, 50, .refused(field: "image"), bucket: .upload)
    static let maximum_bytes = 512 * 1024
    /// Of so many is looked for what fits; those of here come first.
    private static let mostRated = 1000
    /// In pixels; smaller ones stay as they are.
    private static let edge = 320

    let parts: Parts
    let blobs: Blobs
    let intake: Intake
    let auditLog: AuditLog

    /// What a sticker is called, and what it is found by.
    struct Texts: Sendable {
        let name: String
        let description: String?
        let tags: [String]
        let relatedEmoji: String?
    }

    struct Change: Sendable {
        let name: String?
        let description: Kernel.Change<String>
        let tags: [String]?
        let relatedEmoji: Kernel.Change<String>
    }

    // MARK: Making

    /// - Throws: `.permissionDenied`, `.fileTooLarge`, `.invalidFileType`, `.alreadyExists` for a name that another one has,
    ///   `.invalidInput` for one too many.
    func create(_ file: ReceivedFile, _ texts: Texts, in server: ServerID, by caller: Caller) async throws -> Sticker {
        try await make(file, texts, by: caller) { sticker, tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
            let sticker = sticker(server)
            let others = try StickerStore.stickers(of: server, tx)
            try Self.requireFree(sticker.name, among: others)
            try Self.cap.requireRoom(others.count)
            try StickerStore.insert(sticker, tx)
            try tell(server, tx)
            try auditLog.record(
                .stickerCreate, .sticker(sticker.id), in: server, by: caller,
                changes: AuditChanges.between(nil, sticker), tx)
            return sticker
        }
    }

    /// - Throws: as making one of a server.
    func createForInstance(_ file: ReceivedFile, _ texts: Texts, by caller: Caller) async throws -> Sticker {
        try await make(file, texts, by: caller) { sticker, tx in
            let sticker = sticker(nil)
            let others = try StickerStore.stickersOfInstance(tx)
            try Self.requireFree(sticker.name, among: others)
            try Self.instanceCap.requireRoom(others.count)
            try StickerStore.insert(sticker, tx)
            return sticker
        }
    }

    /// Takes the picture in, which is most of the work and belongs into no transaction.
    private func make(
        _ file: ReceivedFile, _ texts: Texts, by caller: Caller,
        record: @escaping @Sendable ((ServerID?) -> Sticker, Transaction) throws -> Sticker
    ) async throws -> Sticker {
        let picture = try await intake.picture(file, edge: Self.edge)
        return try await blobs.keep(picture.file, .webp) { blob, tx in
            let id: StickerID = parts.ids.next()
            let now = tx.now
            return try record(
                { server in
                    Sticker(
                        id: id, server: server, name: texts.name, description: texts.description, tags: texts.tags,
                        relatedEmoji: texts.relatedEmoji, blob: blob.id, size_bytes: blob.size_bytes,
                        width: picture.size.width, height: picture.size.height, isAnimated: picture.size.frames > 1,
                        creator: caller.user, createdAt: now)
                }, tx)
        }
    }

    /// Whether the caller may bring one at the moment.
    func requireManager(of server: ServerID, _ caller: Caller) async throws {
        try await parts.database.read { tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        }
    }

    private static func requireFree(_ name: String, among others: [Sticker]) throws(APIError) {
        let key = NameRules.key(name)
        if others.contains(where: { NameRules.key($0.name) == key }) { throw .alreadyExists }
    }

    private func tell(_ server: ServerID, _ tx: Transaction) throws {
        tx.emit(
            .guildStickersUpdate, StickersEvent(server: server, stickers: try StickerStore.stickers(of: server, tx)),
            to: .server(server))
    }

    // MARK: Reading

    /// The picture of a sticker, for everybody: it stands in messages of other servers, too.
    func picture(of id: StickerID) async throws -> Blob {
        let blob = try await parts.database.read { tx in
            try StickerStore.sticker(id, tx)?.blob.flatMap { try BlobStore.blob($0, tx) }
        }
        guard let blob else { throw APIError.resourceNotFound }
        return blob
    }

    /// The server's pack, then the instance's.
    func packs(of server: ServerID, for caller: Caller) async throws -> [StickerPack] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            return [
                StickerPack(server: standing.server, stickers: try StickerStore.stickers(of: server, tx)),
                StickerPack(server: nil, stickers: try StickerStore.stickersOfInstance(tx)),
            ]
        }
    }

    func listForInstance() async throws -> [Sticker] {
        try await parts.database.read { tx in try StickerStore.stickersOfInstance(tx) }
    }

    /// - Throws: `.resourceNotFound`; `.accessDenied` for one of a server that the caller is no member of.
    func read(_ id: StickerID, for caller: Caller) async throws -> Sticker {
        try await parts.database.read { tx in try Self.visible(id, to: caller.user, tx) }
    }

    private static func visible(_ id: StickerID, to user: UserID, _ tx: Transaction) throws -> Sticker {
        guard let sticker = try StickerStore.sticker(id, tx) else { throw APIError.resourceNotFound }
        if let server = sticker.server { _ = try Servers.standing(of: user, in: server, tx) }
        return sticker
    }

    // MARK: Sending

    /// The stickers that somebody wants to send, in their order.
    /// - Throws: `.resourceNotFound`; `.accessDenied` for those of a server that the sender is no member of, `.permissionDenied` for
    ///   those of another server without `messages.use_external_stickers`.
    package static func sendable(
        _ ids: [StickerID], in place: Place, by user: UserID, _ tx: Transaction
    ) throws -> [Sticker] {
        try ids.map { id in
            let sticker = try visible(id, to: user, tx)
            guard sticker.isAvailable else { throw APIError.resourceNotFound }
            if let server = sticker.server, let here = place.channel.server, server != here {
                try place.require(.messagesUseExternalStickers)
            }
            return sticker
        }
    }

    // MARK: Suggesting

    /// What somebody may send who writes these words, the best first.
    /// - Parameter server: where they write; nil in private.
    func suggestions(for content: String, in server: ServerID?, limit: Int, to caller: Caller) async throws -> [Sticker]
    {
        let wish = StickerWish(content)
        let sendable = try await sendable(in: server, to: caller)
        // To rate them takes time, and nobody's transaction waits for it.
        let rated = sendable.prefix(Self.mostRated).map { (sticker: $0, rating: wish.rating(of: $0)) }
        return rated.filter { $0.rating > 0 }.sorted {
            // Those of here come first among equals.
            ($0.rating, $0.sticker.server == server ? 1 : 0, $0.sticker.id.rawValue)
                > ($1.rating, $1.sticker.server == server ? 1 : 0, $1.sticker.id.rawValue)
        }.prefix(limit).map(\.sticker)
    }

    /// Those of here, of the instance, and of the other servers of a person.
    private func sendable(in server: ServerID?, to caller: Caller) async throws -> [Sticker] {
        try await parts.database.read { tx in
            var others = try ServerStore.servers(of: caller.user, tx).map(\.id).filter { $0 != server }
            if let server {
                let standing = try Servers.standing(of: caller.user, in: server, tx)
                if !standing.permissions.contains(.messagesUseExternalStickers) { others = [] }
            }
            let here = try server.map { try StickerStore.stickers(of: $0, tx) } ?? []
            let all = try here + StickerStore.stickersOfInstance(tx) + StickerStore.stickers(of: others, tx)
            return all.filter(\.isAvailable)
        }
    }

    // MARK: Changing

    /// - Throws: `.permissionDenied`, `.resourceNotFound`, `.alreadyExists` for a name that another one has.
    func change(_ id: StickerID, _ change: Change, of server: ServerID, by caller: Caller) async throws -> Sticker {
        try await parts.database.write { tx in
            let old = try Self.managed(id, of: server, by: caller, tx)
            var new = old
            new.name = change.name ?? old.name
            new.description = change.description.applied(to: old.description)
            new.tags = change.tags ?? old.tags
            new.relatedEmoji = change.relatedEmoji.applied(to: old.relatedEmoji)
            let changes = AuditChanges.between(old, new)
            guard !changes.isEmpty else { return old }
            try Self.requireFree(new.name, among: try StickerStore.stickers(of: server, tx).filter { $0.id != id })
            try StickerStore.update(new, tx)
            try tell(server, tx)
            try auditLog.record(.stickerUpdate, .sticker(id), in: server, by: caller, changes: changes, tx)
            return new
        }
    }

    /// Messages that show it keep its name.
    func delete(_ id: StickerID, of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            try delete(try Self.managed(id, of: server, by: caller, tx), of: server, by: caller, tx)
        }
    }

    /// The same for somebody who does not say of which server it is.
    func delete(_ id: StickerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            // One of the instance's is the administrators'.
            guard let server = try Self.visible(id, to: caller.user, tx).server else {
                throw APIError(.permissionDenied)
            }
            try delete(try Self.managed(id, of: server, by: caller, tx), of: server, by: caller, tx)
        }
    }

    private func delete(_ sticker: Sticker, of server: ServerID, by caller: Caller, _ tx: Transaction) throws {
        try StickerStore.delete(sticker, tx)
        try tell(server, tx)
        try auditLog.record(
            .stickerDelete, .sticker(sticker.id), in: server, by: caller, changes: AuditChanges.between(sticker, nil),
            tx)
    }

    private static func managed(
        _ id: StickerID, of server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws -> Sticker {
        try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        guard let sticker = try StickerStore.sticker(id, tx), sticker.server == server else {
            throw APIError.resourceNotFound
        }
        return sticker
    }

    /// - Throws: `.resourceNotFound` also for one of a server.
    func deleteOfInstance(_ id: StickerID) async throws {
        try await parts.database.write { tx in
            guard let sticker = try StickerStore.sticker(id, tx), sticker.server == nil else {
                throw APIError.resourceNotFound
            }
            try StickerStore.delete(sticker, tx)
        }
    }
}

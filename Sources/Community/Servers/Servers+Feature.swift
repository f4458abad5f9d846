import Database
import Features
import Kernel

extension AuditAction {
    static let serverUpdate = AuditAction("server.update")
    static let serverTransfer = AuditAction("server.transfer")
}

extension Setting {
    package static let serversPerUser = Setting(
        "limits.servers_per_user", .integer(1...100_000), default: "100", "Servers that a user may be in.")
}

extension RateLimitBucket {
    package static let serverCreate = RateLimitBucket(
        "server.create", Rate(10, per: .seconds(60)), Rate(100, per: .seconds(86_400)))
    /// Moving roles or channels, of which one request may move many.
    package static let serverReorder = RateLimitBucket(
        "server.reorder", Rate(20, per: .seconds(60), burst: 10), Rate(200, per: .seconds(3600)))
    /// Changing roles, channels and what counts in them, which each member may be told of.
    package static let serverChange = RateLimitBucket(
        "server.change", Rate(60, per: .seconds(60), burst: 60), Rate(1200, per: .seconds(3600)))
}

extension Servers: ServerReader {
    package static let settings: [Setting] = [.serversPerUser]
    package static let rateLimitBuckets: [RateLimitBucket] = [.serverCreate, .serverReorder, .serverChange]
    package static let permissions: [Permission] = [.serverManage]
    package static let auditActions: [AuditAction] = [.serverUpdate, .serverTransfer]

    package static let migrations: [Migration] = [
        Migration(70, "channels for who is away") { _ in
            [
                "ALTER TABLE servers ADD COLUMN afk_channel_id BIGINT",
                "ALTER TABLE servers ADD COLUMN afk_timeout_seconds BIGINT NOT NULL DEFAULT 300",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "servers",
            [
                .id("id"), .text("name"), .text("description"), .id("owner_id"), .number("member_count"),
                .id("default_channel_id"), .time("created_at"), .time("deleted_at"), .file("icon_id"),
                .id("afk_channel_id"), .number("afk_timeout_seconds"),
            ], exports: [.rows("owned_servers.json", of: ["owner_id"])],
            erasure: [.byHand("the one who stands highest inherits; a server without anybody else goes")])
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "deleted servers", purgeNext)] }

    /// Removes the last rows of a deleted server whose channels are gone.
    /// - Returns: whether there may be more.
    private func purgeNext() async throws -> Bool {
        let server = try await parts.database.read { tx in try ServerStore.deleted(tx) }
        guard let server else { return false }
        try await SetAside(parts: parts).each(of: .server, [server], named: \.description) { server in
            try await parts.database.write { tx in
                try parts.features.serverEnds(server, tx)
                try ServerStore.delete(server, tx)
            }
        }
        return true
    }

    package static let readyMembers: [JSONSchema.Property] = [
        .init("servers", [ServerOverview].schema, isRequired: true)
    ]

    package func ready(
        in memberships: [Membership], for reader: ReadyReader, _ tx: Transaction
    ) throws -> [NamedJSON] {
        let overviews = try Self.overviews(of: memberships, kept, tx)
        kept.recordSizes()
        return [NamedJSON("servers", overviews)]
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for server in try ServerStore.servers(of: account, tx) { try leave(server, account, parts, tx) }
    }

    /// The one who stands highest and has been there longest takes over what the owner leaves behind.
    private static func leave(_ server: Server, _ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        guard server.owner == user else { return try remove(user, from: server, parts.features, tx) }
        guard let heir = try MemberStore.heir(of: server.id, besides: user, tx) else {
            try ServerEvents.deleted(server, tx)
            return try ServerStore.markDeleted(server.id, parts.features, tx)
        }
        var inherited = server
        inherited.owner = heir
        let changed = inherited
        try Sight(ids: parts.ids).change(in: server.id, of: .users([user, heir]), tx) {
            try ServerStore.update(changed, tx)
        }
        ServerEvents.changed(changed, tx)
        try remove(user, from: changed, parts.features, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "servers joined", per: .person, ChatConfiguration.standard.serversPerUser, .refused(field: "server"),
                bucket: .serverCreate, "`limits.servers_per_user`, more by tier")
        ]
    }
}

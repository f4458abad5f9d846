import Database
import Features
import Kernel

extension AuditAction {
    static let discoveryUpdate = AuditAction("discovery.update")
}

extension Setting {
    package static let discoveryApproval = Setting(
        "discovery.approval", .boolean, default: "false",
        "Whether an administrator decides which servers stand in the directory.")
}

extension Discovery: Feature {
    package static let module: Module? = .discovery
    package static let auditActions: [AuditAction] = [.discoveryUpdate]
    package static let settings: [Setting] = [.discoveryApproval]

    package static let migrations: [Migration] = [
        Migration(46, "discovery") { dialect in
            [
                """
                CREATE TABLE discovery (
                    server_id \(sql: dialect.primaryKey),
                    is_enabled BOOLEAN NOT NULL,
                    summary TEXT NOT NULL,
                    tags TEXT NOT NULL,
                    category TEXT NOT NULL,
                    language TEXT,
                    status TEXT NOT NULL,
                    reason TEXT,
                    listed_at BIGINT,
                    bumped_at BIGINT,
                    folded_name TEXT NOT NULL,
                    folded_summary TEXT NOT NULL,
                    folding BIGINT NOT NULL)
                """,
                "CREATE INDEX discovery_by_status ON discovery (status, server_id)",
                "CREATE INDEX discovery_by_folding ON discovery (folding)",
                "CREATE INDEX presences_shown ON presences (user_id) WHERE is_shown",
            ]
        }
    ]

    package static let tables: [Table] = [
        .impersonal(
            "discovery",
            """
            server_id is_enabled summary tags category language status reason listed_at bumped_at folded_name \
            folded_summary folding
            """, endings: [.byHand(with: .server)])
    ]

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try ListingStore.delete(of: server, tx)
    }

    package static var caps: [Cap] { [cap] }

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "directory", refold)] }

    /// Folds again what another version of the search has folded.
    /// - Returns: whether there may be more.
    private func refold() async throws -> Bool {
        let stale = try await parts.database.read { tx in try ListingStore.stale(limit: 100, tx) }
        guard !stale.isEmpty else { return false }
        try await parts.database.write { tx in
            for id in stale {
                guard let listing = try ListingStore.listing(of: id, tx), let server = try ServerStore.server(id, tx)
                else { continue }
                try ListingStore.set(listing, named: server.name, tx)
            }
        }
        return stale.count == 100
    }
}

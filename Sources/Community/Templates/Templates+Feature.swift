import Database
import Features
import Kernel

extension AuditAction {
    static let templateCreate = AuditAction("template.create")
    static let templateUpdate = AuditAction("template.update")
    static let templateDelete = AuditAction("template.delete")
}

extension Templates: Feature {
    package static let module: Module? = .templates
    package static let auditActions: [AuditAction] = [.templateCreate, .templateUpdate, .templateDelete]

    package static let migrations: [Migration] = [
        Migration(47, "templates") { _ in
            [
                """
                CREATE TABLE templates (
                    code TEXT PRIMARY KEY,
                    server_id BIGINT NOT NULL,
                    name TEXT NOT NULL,
                    description TEXT,
                    creator_id BIGINT NOT NULL,
                    taken_by BIGINT NOT NULL,
                    snapshot TEXT NOT NULL,
                    usage_count BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL)
                """,
                "CREATE INDEX templates_by_server ON templates (server_id)",
                "CREATE INDEX templates_by_creator ON templates (creator_id)",
                "CREATE INDEX templates_by_taker ON templates (taken_by)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "templates",
            [
                .text("code"), .id("server_id"), .text("name"), .text("description"), .id("creator_id"),
                .id("taken_by"), .json("snapshot"), .number("usage_count"), .time("created_at"), .time("updated_at"),
            ], key: ["code"], exports: [.rows("templates.json", of: ["creator_id", "taken_by"])],
            erasure: [.kept("the server's; who has made it has no name any more")],
            endings: [.byHand(with: .server)])
    ]

    /// At once, because anybody could still read what the server was.
    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try TemplateStore.deleteAll(of: server, tx)
    }

    package static var caps: [Cap] { [cap] }
}

import Database
import Kernel

enum TemplateStore {
    private static let shape = RowShape<Template> { row in
        Template(
            code: row["code", \.code], source: row["server_id", \.source], name: row["name", \.name],
            description: row["description", \.description], creator: row["creator_id", \.creator],
            takenBy: row["taken_by", \.takenBy],
            snapshot: ServerSnapshot(stored: row["snapshot", \.snapshot.text]),
            usageCount: row["usage_count", \.usageCount], createdAt: row["created_at", \.createdAt],
            updatedAt: row["updated_at", \.updatedAt])
    }

    static func insert(_ template: Template, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO templates (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: template))
    }

    static func template(_ code: String, _ tx: Transaction) throws -> Template? {
        try tx.first("SELECT \(shape.columns) FROM templates WHERE code = $1", [code], as: shape)
    }

    /// The oldest first. Uses `templates_by_server`.
    static func templates(of server: ServerID, _ tx: Transaction) throws -> [Template] {
        try tx.all(
            "SELECT \(shape.columns) FROM templates WHERE server_id = $1 ORDER BY created_at, code", [server], as: shape
        )
    }

    static func count(of server: ServerID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM templates WHERE server_id = $1", [server]) { $0.int(0) } ?? 0
    }

    static func update(_ template: Template, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE templates SET name = $2, description = $3, taken_by = $4, snapshot = $5, updated_at = $6
            WHERE code = $1
            """,
            [
                template.code, template.name, template.description, template.takenBy, template.snapshot.text,
                template.updatedAt,
            ])
    }

    static func use(_ code: String, _ tx: Transaction) throws {
        try tx.execute("UPDATE templates SET usage_count = usage_count + 1 WHERE code = $1", [code])
    }

    static func delete(_ code: String, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM templates WHERE code = $1", [code])
    }

    static func deleteAll(of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM templates WHERE server_id = $1", [server])
    }
}

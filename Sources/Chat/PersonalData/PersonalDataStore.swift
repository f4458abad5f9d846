import Database
import Kernel

/// Reads and deletes what the declarations say.
enum PersonalDataStore {
    /// One row of an export, with the values of its key.
    struct Row: Sendable {
        let json: [String: JSON]
        let key: [SQLValue]
    }

    /// A page of the rows of an export, in the order of the key.
    /// - Parameter key: the last row of the page before.
    static func rows(
        of table: Table, _ export: Table.Export, about user: UserID, after key: [SQLValue]?,
        limit: Int, _ tx: Transaction
    ) throws -> [Row] {
        guard let condition = condition(of: export) else { return [] }
        let hidden = hidden(by: export)
        let columns = table.columns.filter { $0.value.isInExports && !hidden.contains($0.name) }
        let names = table.key + columns.map(\.name)
        let order = table.key.joined(separator: ", ")
        let placeholders = table.key.indices.map { "$\($0 + 3)" }.joined(separator: ", ")
        let rest = key == nil ? "" : " AND (\(order)) > (\(placeholders))"
        return try tx.all(
            """
            SELECT \(sql: names.joined(separator: ", ")) FROM \(table.name)
            WHERE (\(condition))\(sql: rest) ORDER BY \(sql: order) LIMIT $2
            """, [user.sqlValue, limit.sqlValue] + (key ?? [])
        ) { row in
            var json: [String: JSON] = [:]
            for (index, column) in columns.enumerated() {
                json[column.name] = value(row, table.key.count + index, column.value)
            }
            let key = table.key.indices.map { index in
                table.keyIsText(index) ? SQLValue.text(row.text(index)) : .integer(row.integer(index))
            }
            return Row(json: json, key: key)
        }
    }

    private static func condition(of export: Table.Export) -> StaticSQL? {
        switch export {
        case .rows(_, let columns, _): any(of: columns)
        case .rowsBelonging(_, let condition): condition
        case .file, .withheld: nil
        }
    }

    private static func hidden(by export: Table.Export) -> Set<String> {
        if case .rows(_, _, let hidden) = export { hidden } else { [] }
    }

    private static func any(of columns: [StaticSQL]) -> StaticSQL {
        "\(sql: columns.map { "\($0) = $1" }.joined(separator: " OR "))"
    }

    private static func value(_ row: SQLRow, _ index: Int, _ kind: Table.Column.Value) -> JSON {
        guard !row.isNull(index) else { return .null }
        return switch kind {
        case .id: .string(String(row.integer(index)))
        case .text: .string(row.text(index))
        case .number: .integer(row.integer(index))
        case .time: .integer(row.timestamp(index).seconds)
        case .flag: .bool(row.bool(index))
        case .json: JSON(text: row.text(index)) ?? .string(row.text(index))
        case .file, .withheld: .null
        }
    }

    /// Deletes what the declaration says is deleted.
    static func erase(_ user: UserID, from table: Table, _ tx: Transaction) throws {
        for case .deleted(let columns) in table.erasure {
            try tx.execute("DELETE FROM \(table.name) WHERE \(any(of: columns))", [user])
        }
    }

    // MARK: Long tails

    /// Deletes some of the earlier texts of what somebody wrote, and forgets the nonces.
    /// - Returns: the last message that was looked at; nil when there is no more.
    static func eraseTails(of user: UserID, after message: MessageID, limit: Int, _ tx: Transaction) throws
        -> MessageID?
    {
        let messages: [MessageID] = try tx.all(
            "SELECT id FROM messages WHERE author_id = $1 AND id > $2 ORDER BY id LIMIT $3", [user, message, limit]
        ) { $0.id(0) }
        guard let last = messages.last else { return nil }
        try tx.execute(
            """
            DELETE FROM message_edits WHERE message_id IN
                (SELECT id FROM messages WHERE author_id = $1 AND id > $2 AND id <= $3)
            """, [user, message, last])
        try tx.execute(
            "UPDATE messages SET nonce = NULL WHERE author_id = $1 AND id > $2 AND id <= $3 AND nonce IS NOT NULL",
            [user, message, last])
        return last
    }

    // MARK: Records of what was done

    /// The fields of an audit entry that name a person or say something of them in words.
    private static let namingFields: Set<String> = [
        "username", "display_name", "nickname", "reason", "email", "avatar_url", "bio", "author_username", "name",
        "banned_by_username", "details", "content", "note",
    ]

    /// Entries of the audit logs that are about somebody keep what was done and lose how they were called and why.
    static func makeAnonymous(entriesAbout user: UserID, _ tx: Transaction) throws {
        let audit = try tx.all(
            "SELECT id, changes FROM audit_log WHERE target_id = $1 AND target_type = 'user'", [user]
        ) { ($0.integer(0), $0.text(1)) }
        for (id, changes) in audit {
            try tx.execute(
                "UPDATE audit_log SET changes = $2, reason = NULL WHERE id = $1", [id, withoutNames(changes)])
        }
        let reports = try tx.all("SELECT id FROM reports WHERE user_id = $1", [user]) { String($0.integer(0)) }
        for target in [user.description] + reports {
            let entries = try tx.all("SELECT id, changes FROM admin_log WHERE target_id = $1", [target]) {
                ($0.integer(0), $0.text(1))
            }
            for (id, changes) in entries {
                try tx.execute(
                    "UPDATE admin_log SET changes = $2, reason = NULL WHERE id = $1", [id, withoutNames(changes)])
            }
        }
    }

    private static func withoutNames(_ changes: String) -> String {
        JSON.object((JSON(text: changes)?.object ?? [:]).filter { !namingFields.contains($0.key) }).text
    }

    /// What was done to somebody, without who did it and who else is concerned.
    static func entriesAbout(_ user: UserID, limit: Int, _ tx: Transaction) throws -> [JSON] {
        let audit = try tx.all(
            """
            SELECT id, server_id, action, changes, reason, created_at FROM audit_log
            WHERE target_id = $1 AND target_type = 'user' ORDER BY id DESC LIMIT $2
            """, [user, limit]
        ) { row in
            entry(row, server: row.integer(1))
        }
        let admin = try tx.all(
            """
            SELECT id, 0, action, changes, reason, created_at FROM admin_log WHERE target_id = $1
            ORDER BY id DESC LIMIT $2
            """, [user.description, limit]
        ) { row in entry(row, server: nil) }
        return audit + admin
    }

    private static func entry(_ row: SQLRow, server: Int64?) -> JSON {
        let hidden: Set = ["banned_by", "handled_by", "moderator_id", "created_by"]
        return .object([
            "id": .string(String(row.integer(0))), "server_id": server.map { .string(String($0)) } ?? .null,
            "action": .string(row.text(2)),
            "changes": .object((JSON(text: row.text(3))?.object ?? [:]).filter { !hidden.contains($0.key) }),
            "reason": row.textOrNil(4).map { .string($0) } ?? .null,
            "created_at": .integer(row.timestamp(5).seconds),
        ])
    }

    // MARK: The schema

    /// The columns that the database has, by table.
    static func schema(_ tx: Transaction) throws -> [String: Set<String>] {
        let rows: [(String, String)] =
            switch tx.dialect {
            case .sqlite:
                try tx.all(
                    """
                    SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'message_search_%'
                    """
                ) { ($0.text(0), $0.text(1)) }
            case .postgresql:
                try tx.all(
                    """
                    SELECT table_name::text, column_name::text FROM information_schema.columns
                    WHERE table_schema = current_schema()
                    """
                ) { ($0.text(0), $0.text(1)) }
            }
        return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
    }
}

extension Table {
    func keyIsText(_ index: Int) -> Bool {
        columns.contains { $0.name == key[index] && $0.value == .text }
    }
}

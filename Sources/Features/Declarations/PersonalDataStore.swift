import Database
import Kernel

/// Reads and deletes what the declarations say.
package enum PersonalDataStore {
    /// One row of an export, with the values of its key.
    package struct Row: Sendable {
        package let json: [String: JSON]
        package let key: [SQLValue]
    }

    /// A page of the rows of an export, in the order of the key.
    /// - Parameter key: the last row of the page before.
    package static func rows(
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
                        AND m.name NOT LIKE 'name_search_%'
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

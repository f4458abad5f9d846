import Kernel

/// The fields in which two forms of a thing differ, as clients see them.
enum AuditChanges {
    /// - Returns: `{field: {before, after}}`; a thing that was made or deleted has only one side.
    static func between(_ before: (any JSONEncodable)?, _ after: (any JSONEncodable)?) -> [String: JSON] {
        let (old, new) = (fields(of: before), fields(of: after))
        return Set(old.keys).union(new.keys).reduce(into: [:]) { changes, key in
            let (was, becomes) = (old[key] ?? .null, new[key] ?? .null)
            if was != becomes { changes[key] = .object(["before": was, "after": becomes]) }
        }
    }

    /// One field that something was before and is now.
    static func change(from before: JSON, to after: JSON) -> JSON { .object(["before": before, "after": after]) }

    /// Without what only follows from something else.
    private static func fields(of value: (any JSONEncodable)?) -> [String: JSON] {
        guard let value, let json = try? JSONParser.parse(value.jsonBytes), var fields = json.object else { return [:] }
        for key in ["id", "server_id", "member_count", "created_at", "last_message_id", "presence"] {
            fields[key] = nil
        }
        return fields
    }
}

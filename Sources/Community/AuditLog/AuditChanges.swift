import Kernel

/// The fields in which two forms of a thing differ, as clients see them.
package enum AuditChanges {
    /// - Returns: `{field: {before, after}}`; a thing that was made or deleted has only one side.
    package static func between(_ before: (any JSONEncodable)?, _ after: (any JSONEncodable)?) -> [String: JSON] {
        let (old, new) = (fields(of: before), fields(of: after))
        return Set(old.keys).union(new.keys).reduce(into: [:]) { changes, key in
            let (was, becomes) = (old[key] ?? .null, new[key] ?? .null)
            if was != becomes { changes[key] = .object(["before": was, "after": becomes]) }
        }
    }

    /// One field that something was before and is now.
    package static func change(from before: JSON, to after: JSON) -> JSON {
        .object(["before": before, "after": after])
    }

    // MARK: About a person

    /// The fields that name a person or say something of them in words.
    private static let namingFields: Set<String> = [
        "username", "display_name", "nickname", "reason", "email", "avatar_url", "bio", "author_username", "name",
        "banned_by_username", "details", "content", "note",
    ]

    /// Changes as they are stored, without what names somebody.
    package static func withoutNames(_ changes: String) -> String {
        JSON.object((JSON(text: changes)?.object ?? [:]).filter { !namingFields.contains($0.key) }).text
    }

    /// Who did something, and whom else it concerned.
    private static let othersFields: Set<String> = ["banned_by", "handled_by", "moderator_id", "created_by"]

    /// Changes as they are stored, as the person reads them whom they are about.
    package static func withoutOthers(_ changes: String) -> JSON {
        .object((JSON(text: changes)?.object ?? [:]).filter { !othersFields.contains($0.key) })
    }

    // MARK: Bounds

    /// How much an entry keeps of a field before, and as much after. Entries stay as long as their server.
    private static let largest_bytes = 4096

    /// The same, with the beginning of what is long, such as the list of a channel's overwrites, and a word that this is so.
    static func bounded(_ changes: [String: JSON]) -> [String: JSON] {
        changes.mapValues { change in
            guard change.jsonBytes.count > largest_bytes else { return change }
            guard var sides = change.object else { return beginning(of: change) }
            for side in ["before", "after"] { sides[side] = sides[side].map(beginning) }
            guard JSON.object(sides) != change else { return change }
            sides["shortened"] = .bool(true)
            return .object(sides)
        }
    }

    private static func beginning(of value: JSON) -> JSON {
        var rest = largest_bytes
        switch value {
        case .array(let items):
            return .array(
                Array(
                    items.prefix { item in
                        rest -= item.jsonBytes.count + 1
                        return rest > 0
                    }))
        case .string(let text): return .string(text.beginning(.scalars(largest_bytes / 4)))
        default: return value.jsonBytes.count > rest ? .null : value
        }
    }

    /// Without what only follows from something else.
    private static func fields(of value: (any JSONEncodable)?) -> [String: JSON] {
        guard let value, let json = try? JSONParser.parse(value.jsonBytes), var fields = json.object else { return [:] }
        for key in ["id", "server_id", "member_count", "created_at", "last_message_id", "presence"] {
            fields[key] = nil
        }
        return fields
    }
}

import Kernel

/// As they go over the bus: JSON, of which later versions may have more.
extension OtherNodes.Message {
    private static let maximumStatuses = 1000

    /// - Parameter node: the name of who says it.
    func bytes(from node: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("node", node)
        switch self {
        case .beat(let version): json.member("beat", version)
        case .change(let version, let user, let statuses, let hasChosen):
            json.member("change", version)
            json.member("user", user)
            json.member("devices", statuses.map(\.rawValue))
            if hasChosen { json.member("chosen", true) }
        case .part(let version, let index, let count, let people):
            json.member("part", version)
            json.member("index", index)
            json.member("count", count)
            json.key("people")
            json.beginObject()
            for (user, statuses) in people { json.member(user.description, statuses.map(\.rawValue)) }
            json.endObject()
        case .asks(let wanted): json.member("asks", wanted ?? "")
        case .leaves: json.member("leaves", true)
        case .ends: json.member("ends", true)
        }
        json.endObject()
        return json.bytes
    }

    /// - Returns: nil for what is no message, or one of a later version.
    static func read(_ bytes: [UInt8]) -> (node: String, message: OtherNodes.Message)? {
        guard let json = try? JSONParser.parse(bytes), let node = json["node"]?.string, let message = message(json)
        else {
            return nil
        }
        return (node, message)
    }

    private static func message(_ json: JSON) -> OtherNodes.Message? {
        if let version = json["beat"]?.integer { return .beat(version: version) }
        if let version = json["change"]?.integer {
            guard let user = json["user"]?.string.flatMap(user), let devices = json["devices"].flatMap(statuses) else {
                return nil
            }
            return .change(version: version, user, devices, hasChosen: json["chosen"]?.bool == true)
        }
        if let version = json["part"]?.integer {
            guard let index = json["index"]?.integer.flatMap(Int.init(exactly:)),
                let count = json["count"]?.integer.flatMap(Int.init(exactly:)), (0..<max(0, count)).contains(index),
                let people = json["people"]?.object
            else { return nil }
            var read: [UserID: OtherNodes.Statuses] = [:]
            for (name, devices) in people { if let user = user(name) { read[user] = statuses(devices) } }
            return .part(version: version, index: index, count: count, read)
        }
        if let wanted = json["asks"]?.string { return .asks(wanted.isEmpty ? nil : wanted) }
        if json["leaves"]?.bool == true { return .leaves }
        return json["ends"]?.bool == true ? .ends : nil
    }

    private static func user(_ text: String) -> UserID? { try? UserID(parsing: text) }

    /// A status that only a later version knows counts as being there.
    private static func statuses(_ json: JSON) -> OtherNodes.Statuses? {
        json.array?.prefix(maximumStatuses).compactMap(\.string).map { Presence.Status(rawValue: $0) ?? .online }
    }
}

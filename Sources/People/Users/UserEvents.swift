import Events
import Kernel

extension Users {
    package static let events: [EventDeclaration] = [.init(.userUpdate)]
}

/// USER_UPDATE: everything for one's own devices, for others what anybody sees.
enum UserUpdate: JSONEncodable {
    case own(SelfUser)
    case other(PublicUser)

    static var schema: JSONSchema { .either(SelfUser.schema, PublicUser.schema) }

    func encode(to json: inout JSONWriter) {
        switch self {
        case .own(let user): user.encode(to: &json)
        case .other(let user): user.encode(to: &json)
        }
    }
}

extension EventKind where Payload == UserUpdate {
    static var userUpdate: Self {
        // A bot has no friends, so whom it hears of it talks to.
        Self(
            "USER_UPDATE", intents: .inPrivate(.directMessages) { if case .other = $0 { true } else { false } },
            heardBy: "one's own devices; friends and who shares a private channel",
            "The account was changed: all of it for its owner, for others name and picture.")
    }
}

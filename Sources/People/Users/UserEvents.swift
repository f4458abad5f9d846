import Events

extension Users {
    package static let events: [EventDeclaration] = [.init(.userUpdate)]
}

extension EventKind where Payload == SelfUser {
    static var userUpdate: Self {
        Self("USER_UPDATE", heardBy: "one's own devices", "The account was changed.")
    }
}

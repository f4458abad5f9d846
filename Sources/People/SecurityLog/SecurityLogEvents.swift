import Events

extension SecurityLog {
    package static let events: [EventDeclaration] = [.init(.securityAlert)]
}

extension EventKind where Payload == SecurityAlert {
    static var securityAlert: Self {
        Self(
            "SECURITY_ALERT", heardBy: "one's own devices",
            "Something happened to the account: a login from a new place, a lock, another password.")
    }
}

import Events

extension Sessions {
    package static let events: [EventDeclaration] = [.init(.securityLogout)]
}

extension EventKind where Payload == SecurityLogout {
    static var securityLogout: Self {
        Self("SECURITY_LOGOUT", heardBy: "the devices that stay logged in", "Logins were ended.")
    }
}

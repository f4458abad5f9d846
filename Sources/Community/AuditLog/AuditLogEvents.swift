import Events

extension AuditLog {
    package static let events: [EventDeclaration] = [.init(.guildAuditLogEntryCreate)]
}

extension EventKind where Payload == AuditEntry {
    static var guildAuditLogEntryCreate: Self {
        Self(
            "GUILD_AUDIT_LOG_ENTRY_CREATE", intents: .always(.auditLog), heardBy: "who may read the audit log",
            "Something was done to a server, as far as the reader may know it.")
    }
}

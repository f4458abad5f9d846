import Database

extension Migration {
    /// Bans and the audit log.
    static let moderation = Migration(5, "moderation") { dialect in
        [
            "CREATE INDEX member_roles_by_role ON member_roles (role_id)",
            """
            CREATE TABLE bans (
                server_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                banned_by BIGINT NOT NULL,
                reason TEXT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                delete_after BIGINT,
                PRIMARY KEY (server_id, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX bans_by_expiry ON bans (expires_at) WHERE expires_at IS NOT NULL",
            "CREATE INDEX bans_with_messages ON bans (delete_after) WHERE delete_after IS NOT NULL",
            "CREATE INDEX messages_by_author ON messages (author_id, id)",
            """
            CREATE TABLE audit_log (
                id \(sql: dialect.primaryKey),
                server_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                action TEXT NOT NULL,
                target_type TEXT,
                target_id BIGINT,
                changes TEXT NOT NULL,
                reason TEXT,
                created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX audit_log_by_server ON audit_log (server_id, id)",
        ]
    }
}

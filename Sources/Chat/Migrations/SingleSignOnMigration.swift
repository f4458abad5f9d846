import Database

extension Migration {
    /// Accounts at other providers.
    static let singleSignOn = Migration(4, "single sign-on") { dialect in
        [
            """
            CREATE TABLE external_identities (
                issuer TEXT NOT NULL,
                subject TEXT NOT NULL,
                user_id BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (issuer, subject)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX external_identities_by_user ON external_identities (user_id)",
        ]
    }
}

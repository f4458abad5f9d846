import Database

extension Migration {
    /// What administrators of the instance work with, and what is done in the background.
    static let administration = Migration(11, "administration") { dialect in
        accounts + reports(dialect) + blocks + jobs(dialect)
    }

    private static let accounts: [StaticSQL] = [
        "ALTER TABLE users ADD COLUMN badges TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE users ADD COLUMN locked_at BIGINT",
        "ALTER TABLE users ADD COLUMN deletion_at BIGINT",
        "ALTER TABLE users ADD COLUMN deleted_at BIGINT",
        "CREATE INDEX users_leaving ON users (deletion_at) WHERE deletion_at IS NOT NULL",
    ]

    private static func reports(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE reports (
                id \(sql: dialect.primaryKey),
                kind TEXT NOT NULL,
                reporter_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                message_id BIGINT,
                channel_id BIGINT,
                server_id BIGINT,
                reason TEXT NOT NULL,
                category TEXT NOT NULL,
                details TEXT,
                content TEXT,
                status TEXT NOT NULL,
                handled_by BIGINT,
                handled_at BIGINT,
                note TEXT,
                created_at BIGINT NOT NULL)
            """,
            "CREATE INDEX reports_by_status ON reports (status, id)",
            """
            CREATE TABLE feedback (
                id \(sql: dialect.primaryKey),
                user_id BIGINT NOT NULL,
                text TEXT NOT NULL,
                created_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE admin_log (
                id \(sql: dialect.primaryKey),
                admin_id BIGINT NOT NULL,
                action TEXT NOT NULL,
                target_id TEXT,
                changes TEXT NOT NULL,
                reason TEXT,
                created_at BIGINT NOT NULL)
            """,
        ]
    }

    private static let blocks: [StaticSQL] = [
        """
        CREATE TABLE blocks (
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            reason TEXT,
            created_by BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            PRIMARY KEY (kind, value))
        """
    ]

    private static func jobs(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE jobs (
                id \(sql: dialect.primaryKey),
                kind TEXT NOT NULL,
                owner_id BIGINT NOT NULL,
                channel_id BIGINT,
                input TEXT NOT NULL,
                state TEXT NOT NULL,
                progress BIGINT NOT NULL,
                error TEXT,
                size BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                touched_at BIGINT NOT NULL,
                finished_at BIGINT,
                expires_at BIGINT)
            """,
            "CREATE INDEX jobs_open ON jobs (state, id) WHERE finished_at IS NULL",
            "CREATE INDEX jobs_by_owner ON jobs (owner_id, id)",
            "CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL",
            """
            CREATE TABLE job_output (
                job_id BIGINT NOT NULL,
                number BIGINT NOT NULL,
                bytes BYTEA NOT NULL,
                PRIMARY KEY (job_id, number))
            """,
        ]
    }
}

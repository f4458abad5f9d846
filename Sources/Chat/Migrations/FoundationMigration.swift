import Database
import Events

extension Migration {
    /// Accounts, servers, channels, messages and the event log.
    static let foundation = Migration(1, "foundation") { dialect in
        EventLog.firstTables(dialect) + instance + accounts(dialect) + servers(dialect) + messages(dialect)
    }

    private static let instance: [StaticSQL] = [
        "CREATE TABLE instance_settings (key TEXT PRIMARY KEY, value BYTEA NOT NULL)",
        "CREATE TABLE workers (number BIGINT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL)",
    ]

    private static func accounts(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE users (
                id \(sql: dialect.primaryKey),
                username TEXT NOT NULL,
                username_key TEXT NOT NULL UNIQUE,
                email TEXT NOT NULL,
                email_key TEXT NOT NULL UNIQUE,
                password_hash TEXT NOT NULL,
                display_name TEXT,
                display_name_key TEXT,
                bio TEXT,
                email_verified BOOLEAN NOT NULL,
                is_admin BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE sessions (
                id \(sql: dialect.primaryKey),
                user_id BIGINT NOT NULL REFERENCES users (id),
                token_hash BYTEA NOT NULL UNIQUE,
                ip_address TEXT NOT NULL,
                user_agent TEXT,
                created_at BIGINT NOT NULL,
                last_activity BIGINT NOT NULL,
                expires_at BIGINT NOT NULL)
            """,
            "CREATE INDEX sessions_by_user ON sessions (user_id)",
            "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
        ]
    }

    private static func servers(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE servers (
                id \(sql: dialect.primaryKey),
                name TEXT NOT NULL,
                description TEXT,
                owner_id BIGINT NOT NULL REFERENCES users (id),
                member_count BIGINT NOT NULL,
                default_channel_id BIGINT,
                created_at BIGINT NOT NULL,
                deleted_at BIGINT)
            """,
            "CREATE INDEX servers_deleted ON servers (deleted_at) WHERE deleted_at IS NOT NULL",
            """
            CREATE TABLE roles (
                id \(sql: dialect.primaryKey),
                server_id BIGINT NOT NULL,
                name TEXT NOT NULL,
                color TEXT,
                position BIGINT NOT NULL,
                permissions BIGINT NOT NULL,
                hoist BOOLEAN NOT NULL,
                mentionable BOOLEAN NOT NULL,
                is_default BOOLEAN NOT NULL)
            """,
            "CREATE INDEX roles_by_server ON roles (server_id)",
            """
            CREATE TABLE members (
                server_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                nickname TEXT,
                nickname_key TEXT,
                joined_at BIGINT NOT NULL,
                timeout_until BIGINT,
                PRIMARY KEY (server_id, user_id)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX members_by_user ON members (user_id, server_id)",
            """
            CREATE TABLE member_roles (
                server_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                role_id BIGINT NOT NULL,
                PRIMARY KEY (server_id, user_id, role_id)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE channels (
                id \(sql: dialect.primaryKey),
                server_id BIGINT,
                name TEXT NOT NULL,
                type TEXT NOT NULL,
                topic TEXT,
                position BIGINT NOT NULL,
                category_id BIGINT,
                nsfw BOOLEAN NOT NULL,
                slowmode_seconds BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                last_message_id BIGINT,
                deleted_at BIGINT)
            """,
            "CREATE INDEX channels_by_server ON channels (server_id)",
            "CREATE INDEX channels_deleted ON channels (deleted_at) WHERE deleted_at IS NOT NULL",
            """
            CREATE TABLE overwrites (
                channel_id BIGINT NOT NULL,
                subject_id BIGINT NOT NULL,
                is_role BOOLEAN NOT NULL,
                allow BIGINT NOT NULL,
                deny BIGINT NOT NULL,
                PRIMARY KEY (channel_id, subject_id)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE invites (
                code TEXT PRIMARY KEY,
                server_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                inviter_id BIGINT NOT NULL,
                uses BIGINT NOT NULL,
                max_uses BIGINT NOT NULL,
                max_age BIGINT NOT NULL,
                temporary BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT)
            """,
            "CREATE INDEX invites_by_server ON invites (server_id)",
            "CREATE INDEX invites_by_expiry ON invites (expires_at)",
        ]
    }

    private static func messages(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE messages (
                id \(sql: dialect.primaryKey),
                channel_id BIGINT NOT NULL,
                author_id BIGINT NOT NULL,
                type TEXT NOT NULL,
                content TEXT,
                created_at BIGINT NOT NULL,
                edited_at BIGINT,
                reply_to_id BIGINT,
                nonce TEXT)
            """,
            "CREATE INDEX messages_by_channel ON messages (channel_id, id)",
            """
            CREATE TABLE message_edits (
                message_id BIGINT NOT NULL,
                version BIGINT NOT NULL,
                content TEXT,
                replaced_at BIGINT NOT NULL,
                PRIMARY KEY (message_id, version)) \(sql: dialect.clustered)
            """,
            """
            CREATE TABLE message_nonces (
                channel_id BIGINT NOT NULL,
                author_id BIGINT NOT NULL,
                nonce TEXT NOT NULL,
                message_id BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (channel_id, author_id, nonce)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX message_nonces_by_age ON message_nonces (created_at)",
            """
            CREATE TABLE slowmode_marks (
                channel_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                sent_at BIGINT NOT NULL,
                PRIMARY KEY (channel_id, user_id)) \(sql: dialect.clustered)
            """,
        ]
    }
}

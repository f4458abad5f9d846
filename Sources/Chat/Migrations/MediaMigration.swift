import Database

extension Migration {
    /// Files: what is in the store, what shows it, and what is on its way.
    static let media = Migration(13, "media") { dialect in
        blobs(dialect) + attachments(dialect) + uploads(dialect) + pictures + linkPreviews + results
    }

    private static func blobs(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE blobs (
                id \(sql: dialect.primaryKey),
                sha256 TEXT NOT NULL,
                size BIGINT NOT NULL,
                content_type TEXT NOT NULL,
                state TEXT NOT NULL,
                created_at BIGINT NOT NULL)
            """,
            // One that is being removed is not found any more; the same content may come again meanwhile.
            "CREATE UNIQUE INDEX blobs_by_content ON blobs (sha256) WHERE state <> 'deleting'",
            """
            CREATE TABLE blob_checks (
                blob_id BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                PRIMARY KEY (blob_id))
            """,
            "CREATE INDEX blob_checks_due ON blob_checks (due_at)",
            """
            CREATE TABLE blob_variants (
                blob_id BIGINT NOT NULL,
                name TEXT NOT NULL,
                variant_id BIGINT NOT NULL,
                PRIMARY KEY (blob_id, name))
            """,
            "CREATE INDEX blob_variants_by_variant ON blob_variants (variant_id)",
        ]
    }

    private static func attachments(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE attachments (
                id \(sql: dialect.primaryKey),
                channel_id BIGINT NOT NULL,
                author_id BIGINT NOT NULL,
                message_id BIGINT,
                position BIGINT NOT NULL DEFAULT 0,
                blob_id BIGINT NOT NULL,
                filename TEXT NOT NULL,
                width BIGINT,
                height BIGINT,
                duration_ms BIGINT,
                blurhash TEXT,
                secret BYTEA NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT)
            """,
            "CREATE INDEX attachments_by_message ON attachments (message_id, position)",
            "CREATE INDEX attachments_by_blob ON attachments (blob_id)",
            "CREATE INDEX attachments_by_author ON attachments (author_id, id)",
            "CREATE INDEX attachments_unused ON attachments (expires_at) WHERE expires_at IS NOT NULL",
            "ALTER TABLE messages ADD COLUMN has_attachments BOOLEAN NOT NULL DEFAULT FALSE",
            """
            CREATE TABLE upload_counts (
                user_id BIGINT NOT NULL,
                day BIGINT NOT NULL,
                count BIGINT NOT NULL,
                PRIMARY KEY (user_id, day))
            """,
            "CREATE INDEX upload_counts_by_day ON upload_counts (day)",
        ]
    }

    private static func uploads(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE uploads (
                id \(sql: dialect.primaryKey),
                user_id BIGINT NOT NULL,
                channel_id BIGINT NOT NULL,
                filename TEXT NOT NULL,
                size BIGINT NOT NULL,
                attachment_id BIGINT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL)
            """,
            "CREATE INDEX uploads_by_user ON uploads (user_id, id)",
            "CREATE INDEX uploads_by_end ON uploads (expires_at)",
            """
            CREATE TABLE upload_chunks (
                upload_id BIGINT NOT NULL,
                number BIGINT NOT NULL,
                sha256 TEXT NOT NULL,
                PRIMARY KEY (upload_id, number))
            """,
        ]
    }

    private static let pictures: [StaticSQL] = [
        "ALTER TABLE users ADD COLUMN avatar_id BIGINT",
        "CREATE INDEX users_by_avatar ON users (avatar_id) WHERE avatar_id IS NOT NULL",
        "ALTER TABLE servers ADD COLUMN icon_id BIGINT",
        "CREATE INDEX servers_by_icon ON servers (icon_id) WHERE icon_id IS NOT NULL",
        "ALTER TABLE emojis ADD COLUMN blob_id BIGINT",
        "CREATE INDEX emojis_by_blob ON emojis (blob_id) WHERE blob_id IS NOT NULL",
    ]

    /// What jobs make lies in the store. Results from before would have been removed within a week anyway.
    private static let results: [StaticSQL] = [
        "DROP TABLE job_output",
        "DELETE FROM jobs",
        "ALTER TABLE jobs ADD COLUMN result_id BIGINT",
        "CREATE INDEX jobs_by_result ON jobs (result_id) WHERE result_id IS NOT NULL",
    ]

    private static let linkPreviews: [StaticSQL] = [
        """
        CREATE TABLE link_previews (
            address_hash TEXT NOT NULL,
            address TEXT NOT NULL,
            title TEXT,
            description TEXT,
            site_name TEXT,
            picture_id BIGINT,
            picture_key TEXT,
            fetched_at BIGINT NOT NULL,
            PRIMARY KEY (address_hash))
        """,
        "CREATE INDEX link_previews_by_picture ON link_previews (picture_id) WHERE picture_id IS NOT NULL",
        "CREATE UNIQUE INDEX link_previews_by_key ON link_previews (picture_key) WHERE picture_key IS NOT NULL",
        "CREATE INDEX link_previews_by_age ON link_previews (fetched_at)",
        """
        CREATE TABLE message_links (
            message_id BIGINT NOT NULL,
            position BIGINT NOT NULL,
            address_hash TEXT NOT NULL,
            PRIMARY KEY (message_id, position))
        """,
        "CREATE INDEX message_links_by_address ON message_links (address_hash)",
        "ALTER TABLE messages ADD COLUMN has_links BOOLEAN NOT NULL DEFAULT FALSE",
    ]
}

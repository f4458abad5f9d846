import Database

extension Migration {
    /// What an export and an erasure have to find quickly; work that is set aside; tickets; logins that were confirmed.
    static let wholeAccounts = Migration(18, "whole accounts") { dialect in
        logins + scheduledMessages + notifications(dialect) + setAside(dialect) + tickets + traces
    }

    private static let logins: [StaticSQL] = ["ALTER TABLE sessions ADD COLUMN confirmed_at BIGINT"]

    /// `try_at` is when a message is tried next or, with a failure, when it was given up.
    private static let scheduledMessages: [StaticSQL] = [
        "ALTER TABLE scheduled_messages ADD COLUMN try_at BIGINT NOT NULL DEFAULT 0",
        "UPDATE scheduled_messages SET try_at = send_at",
        "DROP INDEX scheduled_messages_due",
        "CREATE INDEX scheduled_messages_due ON scheduled_messages (try_at) WHERE failure IS NULL",
        "CREATE INDEX scheduled_messages_failed ON scheduled_messages (try_at) WHERE failure IS NOT NULL",
    ]

    private static func notifications(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            "CREATE INDEX notifications_by_channel ON notifications (channel_id) WHERE channel_id IS NOT NULL",
            "CREATE INDEX notifications_by_invite ON notifications (invite_code) WHERE invite_code IS NOT NULL",
            "CREATE INDEX notifications_by_pair ON notifications (user_id, owner_id, id)",
            """
            CREATE TABLE notification_counts (
                owner_id BIGINT NOT NULL,
                user_id BIGINT NOT NULL,
                day BIGINT NOT NULL,
                count BIGINT NOT NULL,
                PRIMARY KEY (owner_id, user_id, day)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX notification_counts_by_day ON notification_counts (day)",
            "CREATE INDEX notification_counts_by_user ON notification_counts (user_id)",
        ]
    }

    private static func setAside(_ dialect: SQLDialect) -> [StaticSQL] {
        [
            """
            CREATE TABLE set_aside_rows (
                step TEXT NOT NULL,
                item TEXT NOT NULL,
                failures BIGINT NOT NULL,
                error TEXT NOT NULL,
                failed_at BIGINT NOT NULL,
                retry_at BIGINT NOT NULL,
                PRIMARY KEY (step, item)) \(sql: dialect.clustered)
            """,
            "CREATE INDEX set_aside_rows_by_age ON set_aside_rows (failed_at)",
        ]
    }

    private static let tickets: [StaticSQL] = [
        "ALTER TABLE feedback ADD COLUMN category TEXT",
        "ALTER TABLE feedback ADD COLUMN rating BIGINT",
        "ALTER TABLE feedback ADD COLUMN status TEXT NOT NULL DEFAULT 'open'",
        "ALTER TABLE feedback ADD COLUMN assigned_to BIGINT",
        "ALTER TABLE feedback ADD COLUMN updated_at BIGINT",
        "ALTER TABLE feedback ADD COLUMN resolved_at BIGINT",
        "ALTER TABLE feedback ADD COLUMN resolved_by BIGINT",
        "CREATE INDEX feedback_by_user ON feedback (user_id, created_at)",
    ]

    /// So that what a person has left behind is found without reading everything.
    private static let traces: [StaticSQL] = [
        "CREATE INDEX audit_log_by_user ON audit_log (user_id, id)",
        "CREATE INDEX audit_log_by_person ON audit_log (target_id, id) WHERE target_type = 'user'",
        "CREATE INDEX admin_log_by_admin ON admin_log (admin_id, id)",
        "CREATE INDEX admin_log_by_target ON admin_log (target_id, id)",
        "CREATE INDEX bans_by_user ON bans (user_id)",
        "CREATE INDEX bans_by_moderator ON bans (banned_by)",
        "CREATE INDEX blocks_by_creator ON blocks (created_by)",
        "CREATE INDEX channels_by_owner ON channels (owner_id) WHERE owner_id IS NOT NULL",
        "CREATE INDEX emojis_by_creator ON emojis (creator_id)",
        "CREATE INDEX invites_by_inviter ON invites (inviter_id)",
        "CREATE INDEX message_nonces_by_author ON message_nonces (author_id)",
        "CREATE INDEX overwrites_by_subject ON overwrites (subject_id)",
        "CREATE INDEX polls_by_author ON polls (author_id)",
        "CREATE INDEX poll_votes_by_user ON poll_votes (user_id)",
        "CREATE INDEX reports_by_user ON reports (user_id)",
        "CREATE INDEX servers_by_owner ON servers (owner_id)",
        "CREATE INDEX slowmode_marks_by_user ON slowmode_marks (user_id)",
        "CREATE INDEX direct_channels_by_channel ON direct_channels (channel_id)",
        "CREATE INDEX direct_channels_by_higher ON direct_channels (higher_user_id)",
        "CREATE INDEX webhooks_by_creator ON webhooks (creator_id)",
    ]
}

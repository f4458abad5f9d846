import Database

extension Migration {
    /// The pieces of what people are called. The database itself notices when that changes, since nodes of the version before
    /// change names, too.
    static let nameIndex = Migration(62, "index of names") { dialect in
        let index: [StaticSQL] =
            switch dialect {
            case .sqlite:
                ["CREATE VIRTUAL TABLE name_search USING fts5 (pieces, detail = none, tokenize = 'ascii')"]
            case .postgresql:
                [
                    // Whoever writes already is waited for here, and not in the middle of the triggers.
                    "LOCK TABLE schema_migrations IN EXCLUSIVE MODE",
                    "CREATE TABLE name_search (user_id BIGINT PRIMARY KEY, pieces INTEGER[] NOT NULL)",
                    "CREATE INDEX name_search_pieces ON name_search USING gin (pieces)",
                ]
            }
        return index
            + [
                "CREATE TABLE name_queue (user_id \(sql: dialect.primaryKey))",
                "CREATE TABLE name_state (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, next_id BIGINT NOT NULL)",
                "INSERT INTO name_state (id, version, next_id) VALUES (1, 0, 0)",
            ] + triggers(dialect)
    }

    /// A new name is in line from its first moment on, and the old one in the index no longer than that. What somebody was called
    /// in a server stays there until their turn comes.
    private static func triggers(_ dialect: SQLDialect) -> [StaticSQL] {
        switch dialect {
        case .sqlite:
            [
                """
                CREATE TRIGGER user_named AFTER INSERT ON users BEGIN
                    INSERT INTO name_queue (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
                END
                """,
                """
                CREATE TRIGGER user_renamed AFTER UPDATE OF username, display_name ON users
                WHEN OLD.username <> NEW.username OR OLD.display_name IS NOT NEW.display_name BEGIN
                    DELETE FROM name_search WHERE rowid = NEW.id;
                    INSERT INTO name_queue (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
                END
                """,
                """
                CREATE TRIGGER member_named AFTER INSERT ON members WHEN NEW.nickname IS NOT NULL BEGIN
                    INSERT INTO name_queue (user_id) VALUES (NEW.user_id) ON CONFLICT (user_id) DO NOTHING;
                END
                """,
                """
                CREATE TRIGGER member_renamed AFTER UPDATE OF nickname ON members
                WHEN OLD.nickname IS NOT NEW.nickname BEGIN
                    INSERT INTO name_queue (user_id) VALUES (NEW.user_id) ON CONFLICT (user_id) DO NOTHING;
                END
                """,
                """
                CREATE TRIGGER member_unnamed AFTER DELETE ON members WHEN OLD.nickname IS NOT NULL BEGIN
                    INSERT INTO name_queue (user_id) VALUES (OLD.user_id) ON CONFLICT (user_id) DO NOTHING;
                END
                """,
            ]
        case .postgresql:
            // Who is in line already is written once more: so whoever takes them from there meanwhile, and can't see the new name
            // yet, fails and tries again.
            [
                """
                CREATE FUNCTION queue_user_name() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                    -- Who is new is in no index, and to look there would be to collide with who fills it.
                    IF TG_OP = 'UPDATE' THEN DELETE FROM name_search WHERE user_id = NEW.id; END IF;
                    INSERT INTO name_queue (user_id) VALUES (NEW.id)
                    ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE FUNCTION queue_member_name() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO name_queue (user_id) VALUES (NEW.user_id)
                    ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE FUNCTION queue_members_gone() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO name_queue (user_id)
                    SELECT DISTINCT user_id FROM gone WHERE nickname IS NOT NULL ORDER BY user_id
                    ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id;
                    RETURN NULL;
                END $$
                """,
                "CREATE TRIGGER user_named AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION queue_user_name()",
                """
                CREATE TRIGGER user_renamed AFTER UPDATE OF username, display_name ON users FOR EACH ROW
                WHEN (OLD.username <> NEW.username OR OLD.display_name IS DISTINCT FROM NEW.display_name)
                EXECUTE FUNCTION queue_user_name()
                """,
                """
                CREATE TRIGGER member_named AFTER INSERT ON members FOR EACH ROW
                WHEN (NEW.nickname IS NOT NULL) EXECUTE FUNCTION queue_member_name()
                """,
                """
                CREATE TRIGGER member_renamed AFTER UPDATE OF nickname ON members FOR EACH ROW
                WHEN (OLD.nickname IS DISTINCT FROM NEW.nickname) EXECUTE FUNCTION queue_member_name()
                """,
                """
                CREATE TRIGGER member_unnamed AFTER DELETE ON members
                REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION queue_members_gone()
                """,
            ]
        }
    }
}

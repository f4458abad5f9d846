import Database

extension Migration {
    /// How many have reacted with what. The database itself counts, since nodes of the version before react, too.
    static let reactionCounts = Migration(61, "counts of reactions") { dialect in
        let table: StaticSQL = """
            CREATE TABLE reaction_counts (
                message_id BIGINT NOT NULL, emoji TEXT NOT NULL, count BIGINT NOT NULL, first_at BIGINT NOT NULL,
                PRIMARY KEY (message_id, emoji)) \(sql: dialect.clustered)
            """
        return quiet(dialect) + [table] + triggers(dialect) + [
            """
            INSERT INTO reaction_counts (message_id, emoji, count, first_at)
            SELECT message_id, emoji, COUNT(*), MIN(reacted_at) FROM reactions GROUP BY message_id, emoji
            """
        ]
    }

    /// Nobody writes meanwhile. Who began to before would not see what is counted here, and so would discount nothing; who begins
    /// to afterwards waits for this lock before their snapshot.
    private static func quiet(_ dialect: SQLDialect) -> [StaticSQL] {
        switch dialect {
        case .sqlite: []
        case .postgresql:
            ["LOCK TABLE schema_migrations IN EXCLUSIVE MODE", "SET LOCAL enable_seqscan = on"]
        }
    }

    private static func triggers(_ dialect: SQLDialect) -> [StaticSQL] {
        switch dialect {
        case .sqlite:
            [
                """
                CREATE TRIGGER reaction_counted AFTER INSERT ON reactions BEGIN
                    INSERT INTO reaction_counts (message_id, emoji, count, first_at)
                    VALUES (NEW.message_id, NEW.emoji, 1, NEW.reacted_at)
                    ON CONFLICT (message_id, emoji) DO UPDATE SET count = count + 1;
                END
                """,
                """
                CREATE TRIGGER reaction_discounted AFTER DELETE ON reactions BEGIN
                    UPDATE reaction_counts SET count = count - 1 WHERE message_id = OLD.message_id AND emoji = OLD.emoji;
                    DELETE FROM reaction_counts
                    WHERE message_id = OLD.message_id AND emoji = OLD.emoji AND count <= 0;
                END
                """,
            ]
        case .postgresql:
            [
                """
                CREATE FUNCTION count_reactions() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO reaction_counts AS known (message_id, emoji, count, first_at)
                    SELECT message_id, emoji, COUNT(*), MIN(reacted_at) FROM changed GROUP BY message_id, emoji
                    ON CONFLICT (message_id, emoji) DO UPDATE SET count = known.count + excluded.count;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE FUNCTION discount_reactions() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                DECLARE gone RECORD;
                BEGIN
                    FOR gone IN SELECT message_id, emoji, COUNT(*) AS count FROM changed GROUP BY message_id, emoji LOOP
                        UPDATE reaction_counts AS known SET count = known.count - gone.count
                        WHERE known.message_id = gone.message_id AND known.emoji = gone.emoji;
                        DELETE FROM reaction_counts AS known
                        WHERE known.message_id = gone.message_id AND known.emoji = gone.emoji AND known.count <= 0;
                    END LOOP;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE TRIGGER reaction_counted AFTER INSERT ON reactions
                REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_reactions()
                """,
                """
                CREATE TRIGGER reaction_discounted AFTER DELETE ON reactions
                REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION discount_reactions()
                """,
            ]
        }
    }
}

import Database
import Features
import Kernel

extension KeywordAlerts: Feature {
    package static let module: Module? = .keywordAlerts
    package static let caps: [Cap] = [keywordCap]

    package static let migrations: [Migration] = [
        Migration(39, "keyword alerts") { dialect in
            [
                """
                CREATE TABLE keyword_alerts (
                    user_id \(sql: dialect.primaryKey),
                    keywords TEXT NOT NULL,
                    servers TEXT,
                    excluded_channels TEXT NOT NULL,
                    folding BIGINT NOT NULL)
                """,
                """
                CREATE TABLE keyword_hints (
                    hint TEXT NOT NULL,
                    user_id BIGINT NOT NULL,
                    keyword TEXT NOT NULL,
                    PRIMARY KEY (hint, user_id, keyword)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX keyword_hints_by_user ON keyword_hints (user_id)",
                """
                CREATE TABLE keyword_marks (
                    user_id BIGINT NOT NULL,
                    channel_id BIGINT NOT NULL,
                    told_at BIGINT NOT NULL,
                    PRIMARY KEY (user_id, channel_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX keyword_alerts_by_folding ON keyword_alerts (folding)",
                "CREATE INDEX keyword_marks_by_age ON keyword_marks (told_at)",
                "CREATE INDEX keyword_marks_by_channel ON keyword_marks (channel_id)",
                "CREATE TABLE keyword_progress (id SMALLINT PRIMARY KEY, position BIGINT NOT NULL)",
                "INSERT INTO keyword_progress (id, position) VALUES (1, 0)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "keyword_alerts",
            [.id("user_id"), .json("keywords"), .json("servers"), .json("excluded_channels"), .withheld("folding")],
            key: ["user_id"], exports: [.rows("keyword_alerts.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        Table(
            "keyword_hints", [.withheld("hint"), .id("user_id"), .withheld("keyword")],
            key: ["hint", "user_id", "keyword"], exports: [.withheld("follows from the keywords")],
            erasure: [.deleted(of: ["user_id"])]),
        Table(
            "keyword_marks", [.id("user_id"), .id("channel_id"), .time("told_at")], key: ["user_id", "channel_id"],
            exports: [.withheld("forgotten after a minute")], erasure: [.deleted(of: ["user_id"])],
            endings: [.deleted(with: .channel, by: "channel_id")]),
        .impersonal("keyword_progress", "id position"),
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "keyword alerts", lookNext)] }
    package var upkeep: [BackgroundStep] {
        [BackgroundStep(repeated: "keyword marks", forgetMarks), BackgroundStep(repeated: "keywords", foldAnew)]
    }
}

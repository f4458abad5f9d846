import Database
import Features
import Kernel

extension SecurityLog: Feature {
    package static let module: Module? = .securityLog
    package static let caps: [Cap] = [cap]

    package static let migrations: [Migration] = [
        Migration(28, "security log") { dialect in
            [
                """
                CREATE TABLE security_log (
                    id \(sql: dialect.primaryKey),
                    user_id BIGINT NOT NULL,
                    action TEXT NOT NULL,
                    severity TEXT NOT NULL,
                    address TEXT,
                    user_agent TEXT,
                    session_id BIGINT,
                    count BIGINT NOT NULL,
                    details TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    is_unmailed BOOLEAN NOT NULL)
                """,
                "CREATE INDEX security_log_by_user ON security_log (user_id, id)",
                "CREATE INDEX security_log_by_action ON security_log (user_id, action, id)",
                "CREATE INDEX security_log_with_address ON security_log (id) WHERE address IS NOT NULL",
                "CREATE INDEX security_log_unmailed ON security_log (id) WHERE is_unmailed",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "security_log",
            [
                .id("id"), .id("user_id"), .text("action"), .text("severity"), .text("address"), .text("user_agent"),
                .id("session_id"), .number("count"), .json("details"), .time("created_at"), .withheld("is_unmailed"),
            ], exports: [.rows("security_log.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])])
    ]

    package var dueWork: [BackgroundStep] { [BackgroundStep(repeated: "security mails", postAlerts)] }
    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "security log", forgetOld)] }
}

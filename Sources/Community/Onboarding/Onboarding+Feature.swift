import Database
import Features
import Kernel
import NIOConcurrencyHelpers

extension AuditAction {
    static let onboardingUpdate = AuditAction("onboarding.update")
    static let rulesUpdate = AuditAction("rules.update")
    static let welcomeUpdate = AuditAction("welcome.update")
}

extension Onboarding: Feature {
    package static let module: Module? = .onboarding
    package static let auditActions: [AuditAction] = [.onboardingUpdate, .rulesUpdate, .welcomeUpdate]

    package static let migrations: [Migration] = [
        Migration(45, "onboarding") { dialect in
            [
                """
                CREATE TABLE onboarding (
                    server_id \(sql: dialect.primaryKey),
                    is_on BOOLEAN NOT NULL DEFAULT TRUE,
                    welcome TEXT NOT NULL,
                    rules_enabled BOOLEAN NOT NULL,
                    rules TEXT NOT NULL,
                    rules_version BIGINT NOT NULL,
                    rules_required BIGINT NOT NULL,
                    questions TEXT NOT NULL,
                    questions_enabled BOOLEAN NOT NULL,
                    author_id BIGINT)
                """,
                """
                CREATE TABLE newcomers (
                    server_id BIGINT NOT NULL,
                    user_id BIGINT NOT NULL,
                    rules_due BIGINT NOT NULL,
                    rules_accepted BIGINT NOT NULL,
                    questions TEXT NOT NULL,
                    answers TEXT NOT NULL,
                    given_roles TEXT NOT NULL,
                    PRIMARY KEY (server_id, user_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX newcomers_by_user ON newcomers (user_id)",
                "CREATE INDEX onboarding_by_module ON onboarding (is_on)",
                "CREATE INDEX onboarding_by_author ON onboarding (author_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "onboarding",
            [
                .id("server_id"), .withheld("is_on"), .json("welcome"), .flag("rules_enabled"), .json("rules"),
                .number("rules_version"), .number("rules_required"), .json("questions"), .flag("questions_enabled"),
                .id("author_id"),
            ], key: ["server_id"], exports: [.rows("onboarding_questions.json", of: ["author_id"])],
            erasure: [.kept("the server's words; who has written them has no name any more")],
            endings: [.deleted(with: .server, by: "server_id")]),
        Table(
            "newcomers",
            [
                .id("server_id"), .id("user_id"), .number("rules_due"), .number("rules_accepted"), .text("questions"),
                .json("answers"), .json("given_roles"),
            ], key: ["server_id", "user_id"], exports: [.rows("onboarding_answers.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .server, by: "server_id")]),
    ]

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        try OnboardingStore.forget(user, in: server, tx)
    }

    package static var caps: [Cap] {
        [
            Cap("questions to newcomers", per: .server, 15, .refused(field: "questions"), "with 50 options each"),
            Cap("rules", per: .server, 16, .refused(field: "rules")),
            Cap("channels on the welcome screen", per: .server, 5, .refused(field: "channels")),
        ]
    }

    package var dueWork: [BackgroundStep] { [BackgroundStep("onboarding") { try await noteModule() }] }

    /// Nobody waits for what can't be done while the module is off.
    private func noteModule() async throws {
        guard !isModuleNoted.withLockedValue({ $0 }) else { return }
        let isOff = parts.configuration.disabledModules.contains(.onboarding)
        try await parts.database.write { tx in
            if isOff { try OnboardingStore.switchOff(tx) } else { try OnboardingStore.switchOn(tx) }
        }
        isModuleNoted.withLockedValue { $0 = true }
    }
}

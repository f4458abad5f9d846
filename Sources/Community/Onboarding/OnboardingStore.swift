import Database
import Kernel

/// What a server has for its newcomers.
struct OnboardingSetup: Sendable, Equatable {
    var welcome = WelcomeScreen()
    var rules = ServerRules()
    var questionnaire = Questionnaire()
    /// Who wrote the questions: their options give roles below this person's.
    var author: UserID?
}

/// What of it newcomers have to do.
struct OnboardingDemands: Sendable {
    let hasRules: Bool
    let rulesVersion: Int
    let requiredVersion: Int
    let hasQuestions: Bool
}

enum OnboardingStore {
    private static let shape = RowShape<OnboardingSetup> { row in
        OnboardingSetup(
            welcome: welcome(row["welcome", \.welcome.text]),
            rules: ServerRules(
                isEnabled: row["rules_enabled", \.rules.isEnabled],
                rules: rules(row["rules", { JSON.array($0.rules.rules.map { .string($0) }).text }]),
                version: row["rules_version", \.rules.version],
                requiredVersion: row["rules_required", \.rules.requiredVersion]),
            questionnaire: questionnaire(row["questions", \.questionnaire.text]),
            author: row["author_id", \.author])
    }

    private static func welcome(_ text: String) -> WelcomeScreen {
        (try? JSON(text: text)?.object.map { try WelcomeScreen.input.decode($0) }) ?? WelcomeScreen()
    }

    private static func rules(_ text: String) -> [String] {
        JSON(text: text)?.array?.compactMap(\.string) ?? []
    }

    private static func questionnaire(_ text: String) -> Questionnaire {
        (try? JSON(text: text)?.object.map { try Questionnaire.input.decode($0).stored }) ?? Questionnaire()
    }

    /// What new members have to do, where the module is on; nil: nothing. Uses the primary key.
    static func demands(of server: ServerID) -> Query<OnboardingDemands?> {
        .first(
            """
            SELECT rules_enabled, rules_version, rules_required, questions_enabled FROM onboarding
            WHERE server_id = $1 AND is_on AND (rules_enabled OR questions_enabled)
            """, [server]
        ) {
            OnboardingDemands(
                hasRules: $0.bool(0), rulesVersion: $0.int(1), requiredVersion: $0.int(2), hasQuestions: $0.bool(3))
        }
    }

    /// Those of some servers that have something for newcomers, or had.
    static func servers(_ servers: [ServerID], _ tx: Transaction) throws -> Set<ServerID> {
        guard !servers.isEmpty else { return [] }
        return Set(
            try tx.all("SELECT server_id FROM onboarding WHERE server_id = ANY ($1)", [SQLList(servers)]) { $0.id(0) })
    }

    static func setup(of server: ServerID, _ tx: Transaction) throws -> OnboardingSetup {
        try tx.first("SELECT \(shape.columns) FROM onboarding WHERE server_id = $1", [server], as: shape)
            ?? OnboardingSetup()
    }

    static func set(_ setup: OnboardingSetup, of server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO onboarding (server_id, questions_enabled, \(shape.stored))
            VALUES ($1, $2, \(shape.placeholders(from: 3)))
            ON CONFLICT (server_id) DO UPDATE SET welcome = excluded.welcome, rules_enabled = excluded.rules_enabled,
                rules = excluded.rules, rules_version = excluded.rules_version,
                rules_required = excluded.rules_required, questions = excluded.questions,
                questions_enabled = excluded.questions_enabled, author_id = excluded.author_id
            """, [server, setup.questionnaire.isEnabled] + shape.values(of: setup))
    }

    /// Whether the module is on stands with each server, because what somebody may do is worked out where nothing is
    /// known of the configuration. Uses `onboarding_by_module`.
    static func switchOn(_ tx: Transaction) throws {
        try tx.execute("UPDATE onboarding SET is_on = TRUE WHERE is_on = FALSE")
    }

    static func switchOff(_ tx: Transaction) throws {
        try tx.execute("UPDATE onboarding SET is_on = FALSE WHERE is_on = TRUE")
    }

    // MARK: Newcomers

    private static let newcomer = RowShape<(user: UserID, newcomer: Newcomer)> { row in
        (
            row["user_id"],
            Newcomer(
                rulesDue: row["rules_due", \.newcomer.rulesDue],
                rulesAccepted: row["rules_accepted", \.newcomer.rulesAccepted],
                questions: try row.knownWord("questions", \.newcomer.questions),
                answers: answers(row["answers", { AnswerMap(answers: $0.newcomer.answers).text }]),
                givenRoles: roles(
                    row["given_roles", { JSON.array($0.newcomer.givenRoles.map { .integer($0.rawValue) }).text }]))
        )
    }

    private static func answers(_ text: String) -> OnboardingAnswers {
        (try? AnswerMap.reader.value(of: JSON(text: text) ?? .null, named: "answers")) ?? [:]
    }

    private static func roles(_ text: String) -> [RoleID] {
        JSON(text: text)?.array?.compactMap(\.integer).map { RoleID(rawValue: $0) } ?? []
    }

    static func newcomers(_ users: [UserID], in server: ServerID, _ tx: Transaction) throws -> [UserID: Newcomer] {
        let rows = try tx.all(
            "SELECT \(newcomer.columns) FROM newcomers WHERE server_id = $1 AND user_id = ANY ($2)",
            [server, SQLList(users)], as: newcomer)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.user, $0.newcomer) })
    }

    static func set(_ state: Newcomer, _ user: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO newcomers (server_id, user_id, \(newcomer.stored))
            VALUES ($1, $2, \(newcomer.placeholders(from: 3)))
            ON CONFLICT (server_id, user_id) DO UPDATE SET rules_due = excluded.rules_due,
                rules_accepted = excluded.rules_accepted, questions = excluded.questions, answers = excluded.answers,
                given_roles = excluded.given_roles
            """, [server, user] + newcomer.values(of: (user, state)))
    }

    static func forget(_ user: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM newcomers WHERE server_id = $1 AND user_id = $2", [server, user])
    }
}

extension JSONEncodable {
    /// As it is stored.
    var text: String { String(decoding: jsonBytes, as: UTF8.self) }
}

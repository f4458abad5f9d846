import Database
import Kernel
import People

/// How somebody stands who came to a server that wants something of its newcomers, or who answered it.
struct Newcomer: Sendable, Equatable {
    /// How it stands with the questions.
    enum Questions: String, CaseIterable, Sendable {
        /// Came before anything was asked, and may answer without having to.
        case free
        case open
        case answered
    }

    /// Which version of the rules they have to have agreed to; 0: none.
    var rulesDue = 0
    var rulesAccepted = 0
    var questions = Questions.free
    var answers: OnboardingAnswers = [:]
    /// The roles that answers have given. Only these does another answer take away.
    var givenRoles: [RoleID] = []
}

/// How far somebody is on the way into a server.
package struct OnboardingProgress: Sendable {
    let isPending: Bool
    /// The version of the rules that is to be agreed to; nil: none is.
    let rulesToAccept: Int?
    /// The required questions without an answer.
    let missing: [OnboardingQuestionID]
    let answers: OnboardingAnswers

    /// Where a server has nothing for newcomers.
    static let nothing = OnboardingProgress(isPending: false, rulesToAccept: nil, missing: [], answers: [:])
}

extension OnboardingProgress: JSONObjectEncodable {
    package static let shape = JSONShape<OnboardingProgress>(
        "OnboardingProgress",
        .field("pending", \.isPending),
        .field("completed", \.missing.isEmpty),
        .field("rules_version", \.rulesToAccept),
        .field("missing", \.missing),
        .field("answers") { AnswerMap(answers: $0.answers) })
}

/// `{question_id: [option_id]}`
struct AnswerMap: JSONEncodable {
    let answers: OnboardingAnswers

    static let schema = JSONSchema.map(of: [OnboardingOptionID].schema)

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for (question, options) in answers.sorted(by: { $0.key < $1.key }) {
            json.member(question.description, options)
        }
        json.endObject()
    }

    static let reader = JSONReader<OnboardingAnswers>(schema) { json in
        guard let members = json.object, members.count <= 15 else {
            return .failure(.init("must be an object with at most 15 questions"))
        }
        var answers: OnboardingAnswers = [:]
        for (name, value) in members {
            guard let question = try? OnboardingQuestionID(parsing: name), let items = value.array, items.count <= 50
            else { return .failure(.init("must have up to 50 options for the id of each question")) }
            let options = items.compactMap { try? JSONReader.id(OnboardingOptionID.self).value(of: $0, named: name) }
            guard options.count == items.count else { return .failure(.init("has an option without an id")) }
            answers[question] = options.unique
        }
        return .success(answers)
    }
}

/// What became of answers.
struct OnboardingOutcome: JSONObjectEncodable {
    let isPending: Bool
    let missing: [OnboardingQuestionID]
    let added: [RoleID]
    let removed: [RoleID]

    static let shape = JSONShape<OnboardingOutcome>(
        "OnboardingOutcome",
        .field("completed", \.missing.isEmpty),
        .field("pending", \.isPending),
        .field("missing", \.missing),
        .field("roles_added", \.added),
        .field("roles_removed", \.removed))
}

/// Who may only look on in a server, because something is still asked of them. It is decided here for every route, by what
/// `Servers.holder` says of somebody.
///
/// What has to be done was settled when they came, so that who was there before is free; the rules alone can be laid before all
/// members again. Leaving forgets it, and who comes back is new. Bots and the owner are never pending.
enum Newcomers {
    /// Somebody has come in.
    static func arrive(_ user: UserID, in server: Server, _ tx: Transaction) throws {
        guard let demands = try tx.ask(OnboardingStore.demands(of: server.id)), try !UserStore.required(user, tx).isBot
        else { return }
        var newcomer = Newcomer()
        if demands.hasRules { newcomer.rulesDue = demands.rulesVersion }
        if demands.hasQuestions,
            try OnboardingStore.setup(of: server.id, tx).questionnaire.questions.contains(where: \.isRequired)
        {
            newcomer.questions = .open
        }
        if newcomer != Newcomer() { try OnboardingStore.set(newcomer, user, in: server.id, tx) }
    }

    /// Uses the primary keys, and reads the questions only for those who have to answer them.
    static func isPending(_ user: UserID, in server: Server, _ tx: Transaction) throws -> Bool {
        try !pending(among: [user], in: server.id, tx).isEmpty
    }

    static func pending(among users: [UserID], in server: ServerID, _ tx: Transaction) throws -> Set<UserID> {
        guard !users.isEmpty, let demands = try tx.ask(OnboardingStore.demands(of: server)) else { return [] }
        return try pending(among: users, in: server, demanding: demands, tx)
    }

    static func pending(
        among users: [UserID], in server: ServerID, demanding demands: OnboardingDemands, _ tx: Transaction
    ) throws -> Set<UserID> {
        let states = try OnboardingStore.newcomers(users, in: server, tx)
        var questionnaire: Questionnaire?
        var pending: Set<UserID> = []
        for user in users {
            let newcomer = states[user] ?? Newcomer()
            if demands.hasRules, newcomer.rulesAccepted < max(newcomer.rulesDue, demands.requiredVersion) {
                pending.insert(user)
            } else if demands.hasQuestions, newcomer.questions == .open {
                let questions = try questionnaire ?? OnboardingStore.setup(of: server, tx).questionnaire
                questionnaire = questions
                if !questions.missing(newcomer.answers).isEmpty { pending.insert(user) }
            }
        }
        guard !pending.isEmpty else { return [] }
        let bots = try UserStore.users(Array(pending), tx).filter(\.value.isBot).keys
        pending.subtract(bots)
        if let owner = try ServerStore.server(server, tx)?.owner { pending.remove(owner) }
        return pending
    }

    static func progress(of user: UserID, in server: Server, _ tx: Transaction) throws -> OnboardingProgress {
        let newcomer = try OnboardingStore.newcomers([user], in: server.id, tx)[user] ?? Newcomer()
        let isPending = try isPending(user, in: server, tx)
        let setup = try OnboardingStore.setup(of: server.id, tx)
        let isRuleOpen =
            isPending && setup.rules.isEnabled
            && newcomer.rulesAccepted < max(newcomer.rulesDue, setup.rules.requiredVersion)
        let questionnaire = setup.questionnaire
        let answers = questionnaire.questions.reduce(into: OnboardingAnswers()) { answers, question in
            let chosen = question.chosen(newcomer.answers)
            if !chosen.isEmpty { answers[question.id] = chosen.map(\.id) }
        }
        return OnboardingProgress(
            isPending: isPending, rulesToAccept: isRuleOpen ? setup.rules.version : nil,
            missing: questionnaire.isEnabled ? questionnaire.missing(answers) : [],
            answers: questionnaire.isEnabled ? answers : [:])
    }
}

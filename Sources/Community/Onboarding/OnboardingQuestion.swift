import Features
import Kernel

enum OnboardingQuestionKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("question") }
}

enum OnboardingOptionKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("option") }
}

typealias OnboardingQuestionID = Identifier<OnboardingQuestionKind>
typealias OnboardingOptionID = Identifier<OnboardingOptionKind>

/// What each question was answered with.
typealias OnboardingAnswers = [OnboardingQuestionID: [OnboardingOptionID]]

/// What a server asks its newcomers, and which channels it shows to all of them (contract: REST, Onboarding).
struct Questionnaire: Sendable, Equatable {
    var isEnabled = false
    var questions: [OnboardingQuestion] = []
    var defaultChannels: [ChannelID] = []

    /// The required questions that nothing was chosen for that is still there.
    func missing(_ answers: OnboardingAnswers) -> [OnboardingQuestionID] {
        questions.filter { $0.isRequired && $0.chosen(answers).isEmpty }.map(\.id)
    }

    var roles: Set<RoleID> { Set(questions.flatMap(\.options).flatMap(\.roles)) }

    var channels: Set<ChannelID> {
        Set(questions.flatMap(\.options).flatMap(\.channels)).union(defaultChannels)
    }

    /// Without the channels and roles that somebody does not see, or that are gone.
    func shown(_ visible: Set<ChannelID>, _ roles: Set<RoleID>) -> Questionnaire {
        var shown = self
        shown.defaultChannels = defaultChannels.filter(visible.contains)
        for (index, question) in questions.enumerated() {
            shown.questions[index].options = question.options.map { option in
                var option = option
                option.roles = option.roles.filter(roles.contains)
                option.channels = option.channels.filter(visible.contains)
                return option
            }
        }
        return shown
    }
}

struct OnboardingQuestion: Sendable, Equatable {
    enum Kind: String, CaseIterable, Sendable {
        case selectRoles = "select_roles"
        case visitChannel = "visit_channel"
    }

    struct Option: Sendable, Equatable {
        let id: OnboardingOptionID
        let title: String
        let description: String?
        let emoji: String?
        var roles: [RoleID]
        /// What is worth a visit for those who choose it.
        var channels: [ChannelID]
    }

    let id: OnboardingQuestionID
    let kind: Kind
    let title: String
    let description: String?
    let isRequired: Bool
    let takesSeveral: Bool
    var options: [Option]

    /// The options that answers have chosen, as far as they are still there.
    func chosen(_ answers: OnboardingAnswers) -> [Option] {
        let chosen = Set(answers[id] ?? [])
        return options.filter { chosen.contains($0.id) }
    }
}

// MARK: JSON

extension Questionnaire: JSONObjectEncodable {
    static let shape = JSONShape<Questionnaire>(
        "Onboarding",
        .field("enabled", \.isEnabled),
        .field("questions", \.questions),
        .field("default_channel_ids", \.defaultChannels))

    static let input = JSONInput(
        "OnboardingDraft",
        .required("enabled", .bool),
        .optional("questions", .array(of: .object(OnboardingQuestion.input), count: 0...15), default: []),
        .optional("default_channel_ids", .array(of: .id(ChannelID.self), count: 0...20), default: []),
        make: { (isEnabled, questions, channels) throws(APIError) in
            QuestionnaireDraft(isEnabled: isEnabled, questions: questions, defaultChannels: channels)
        })
}

extension OnboardingQuestion: JSONObjectEncodable {
    static let shape = JSONShape<OnboardingQuestion>(
        "OnboardingQuestion",
        .field("id", \.id),
        .field("type", \.kind.rawValue),
        .field("title", \.title),
        .field("description", \.description),
        .field("required", \.isRequired),
        .field("multiple", \.takesSeveral),
        .field("options", \.options))

    static let emoji = JSONReader.string(1...32).checked("must be an emoji") { (text: String) -> String? in
        UnicodeEmoji.isOne(text) ? text : nil
    }

    private static let option = JSONInput(
        "OnboardingOptionDraft",
        .optional("id", .id(OnboardingOptionID.self)), .required("title", NameRules.name(1...50)),
        .optional("description", NameRules.text(0...100)), .optional("emoji", emoji),
        .optional("role_ids", .array(of: .id(RoleID.self), count: 0...5), default: []),
        .optional("channel_ids", .array(of: .id(ChannelID.self), count: 0...20), default: []),
        make: { (id, title, description, emoji, roles, channels) throws(APIError) in
            Draft.Option(
                id: id, title: title, description: description, emoji: emoji, roles: roles.unique,
                channels: channels.unique)
        })

    fileprivate static let input = JSONInput(
        "OnboardingQuestionDraft",
        .optional("id", .id(OnboardingQuestionID.self)), .optional("type", .oneOf(Kind.self), default: .selectRoles),
        .required("title", NameRules.name(1...100)), .optional("description", NameRules.text(0...300)),
        .optional("required", .bool, default: false), .optional("multiple", .bool, default: false),
        .optional("options", .array(of: .object(option), count: 0...50), default: []),
        make: { (id, kind, title, description, isRequired, takesSeveral, options) throws(APIError) in
            guard !isRequired || !options.isEmpty else {
                throw .invalidInput("options", "are required where an answer is")
            }
            return Draft(
                id: id, kind: kind, title: title, description: description, isRequired: isRequired,
                takesSeveral: takesSeveral, options: options)
        })

    /// A question as it is written, before it has an id.
    struct Draft: Sendable {
        struct Option: Sendable {
            let id: OnboardingOptionID?
            let title: String
            let description: String?
            let emoji: String?
            let roles: [RoleID]
            let channels: [ChannelID]
        }

        let id: OnboardingQuestionID?
        let kind: Kind
        let title: String
        let description: String?
        let isRequired: Bool
        let takesSeveral: Bool
        let options: [Option]
    }
}

extension OnboardingQuestion.Option: JSONObjectEncodable {
    static let shape = JSONShape<OnboardingQuestion.Option>(
        "OnboardingOption",
        .field("id", \.id),
        .field("title", \.title),
        .field("description", \.description),
        .field("emoji", \.emoji),
        .field("role_ids", \.roles),
        .field("channel_ids", \.channels))
}

/// Questions as they are written. What was there before keeps its id, and with it its answers.
struct QuestionnaireDraft: Sendable {
    let isEnabled: Bool
    let questions: [OnboardingQuestion.Draft]
    let defaultChannels: [ChannelID]

    /// - Parameter known: the questions that are there.
    /// - Throws: `.invalidInput` for an id that none of them has, or that stands twice.
    func questionnaire(_ known: Questionnaire, _ ids: Snowflakes) throws(APIError) -> Questionnaire {
        let old = Dictionary(known.questions.map { ($0.id, Set($0.options.map(\.id))) }) { first, _ in first }
        let named = questions.compactMap(\.id)
        guard Set(named).count == named.count, named.allSatisfy({ old[$0] != nil }) else {
            throw .invalidInput("questions", "must have the id of a question that is there once, or none")
        }
        var result = Questionnaire(isEnabled: isEnabled, defaultChannels: defaultChannels.unique)
        for draft in questions {
            let options = draft.options.compactMap(\.id)
            let there = draft.id.flatMap { old[$0] } ?? []
            guard Set(options).count == options.count, there.isSuperset(of: options) else {
                throw .invalidInput("questions", "have an option with the id of none that is there")
            }
            result.questions.append(
                draft.question {
                    ids.next()
                } option: {
                    ids.next()
                })
        }
        return result
    }

    /// As it was stored: everything has its id.
    var stored: Questionnaire {
        let questions = questions.compactMap { draft -> OnboardingQuestion? in
            guard let id = draft.id else { return nil }
            return draft.question {
                id
            } option: {
                OnboardingOptionID(rawValue: 0)
            }
        }
        return Questionnaire(isEnabled: isEnabled, questions: questions, defaultChannels: defaultChannels)
    }
}

extension OnboardingQuestion.Draft {
    fileprivate func question(
        _ next: () -> OnboardingQuestionID, option nextOption: () -> OnboardingOptionID
    ) -> OnboardingQuestion {
        OnboardingQuestion(
            id: id ?? next(), kind: kind, title: title, description: description, isRequired: isRequired,
            takesSeveral: takesSeveral,
            options: options.map { option in
                OnboardingQuestion.Option(
                    id: option.id ?? nextOption(), title: option.title, description: option.description,
                    emoji: option.emoji, roles: option.roles, channels: option.channels)
            })
    }
}

extension Array where Element: Hashable {
    /// Each once, in their order.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

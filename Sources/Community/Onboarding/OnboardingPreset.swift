import Kernel

/// A welcome screen and questions to begin with. They give no roles until somebody chooses which.
enum OnboardingPreset: String, CaseIterable, Sendable {
    case community
    case gaming
    case education
    case business
    case openSource = "open_source"

    var description: String {
        switch self {
        case .community: "For people who share an interest"
        case .gaming: "For people who play together"
        case .education: "For a class or a course"
        case .business: "For a team at work"
        case .openSource: "For those who make a program, and those who use it"
        }
    }

    private var greeting: String {
        switch self {
        case .community: "Welcome! Say hello and have a look around."
        case .gaming: "Welcome, player! Tell us what you play and find a team."
        case .education: "Welcome! Here you find your course and everybody in it."
        case .business: "Welcome to the team! Tell us where you work, and find your channels."
        case .openSource: "Welcome! Whether you use the project or work on it, you are right here."
        }
    }

    private var questions: [(title: String, options: [String])] {
        switch self {
        case .community:
            [
                ("What brings you here?", ["Talking with others", "News", "Events"]),
                ("What do you want to hear of?", ["Announcements", "Meetings", "Only what is for me"]),
            ]
        case .gaming:
            [
                ("What do you play on?", ["PC", "PlayStation", "Xbox", "Nintendo", "Phone"]),
                ("How do you like to play?", ["For fun", "To win", "I watch"]),
            ]
        case .education:
            [
                ("Who are you?", ["I learn", "I teach", "I am a guest"]),
                ("What do you need?", ["Help with homework", "A study group", "Dates and news"]),
            ]
        case .business:
            [
                ("Where do you work?", ["Development", "Design", "Sales", "Support"]),
                ("What do you want to hear of?", ["News of the team", "Projects", "Social things"]),
            ]
        case .openSource:
            [
                ("What do you do with the project?", ["I use it", "I write code", "I translate", "I write documents"]),
                ("What do you want to hear of?", ["Releases", "Development", "Security"]),
            ]
        }
    }

    /// What it makes, in the order in which newcomers meet it.
    var steps: [String] { ["Welcome screen"] + questions.map(\.title) }

    /// - Parameter channel: where people arrive, if there is such.
    func welcome(_ channel: ChannelID?) -> WelcomeScreen {
        WelcomeScreen(
            isEnabled: false, description: greeting,
            channels: channel.map { [.init(channel: $0, description: "Begin here", emoji: "👋")] } ?? [])
    }

    func questionnaire(_ ids: Snowflakes) throws(APIError) -> Questionnaire {
        let drafts = questions.map { question in
            OnboardingQuestion.Draft(
                id: nil, kind: .selectRoles, title: question.title, description: nil, isRequired: false,
                takesSeveral: true,
                options: question.options.map {
                    .init(id: nil, title: $0, description: nil, emoji: nil, roles: [], channels: [])
                })
        }
        return try QuestionnaireDraft(isEnabled: false, questions: drafts, defaultChannels: [])
            .questionnaire(Questionnaire(), ids)
    }
}

/// `GET /features/onboarding/presets`.
struct OnboardingPresets: JSONEncodable {
    private struct Details: JSONObjectEncodable {
        let preset: OnboardingPreset

        static let shape = JSONShape<Details>(
            "OnboardingPreset", .field("description", \.preset.description), .field("steps", \.preset.steps))
    }

    static let schema = JSONSchema.named(
        "OnboardingPresets",
        .object([
            .init("presets", [String].schema, isRequired: true),
            .init("details", .map(of: Details.schema), isRequired: true),
        ]))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.member("presets", OnboardingPreset.allCases.map(\.rawValue))
        json.key("details")
        json.beginObject()
        for preset in OnboardingPreset.allCases { json.member(preset.rawValue, Details(preset: preset)) }
        json.endObject()
        json.endObject()
    }
}

struct AppliedPreset: JSONObjectEncodable {
    let preset: OnboardingPreset
    let stepCount: Int

    static let shape = JSONShape<AppliedPreset>(
        "AppliedOnboardingPreset",
        .field("success") { _ in true },
        .field("preset", \.preset.rawValue),
        .field("steps_created", \.stepCount))
}

import Features
import Kernel

/// A question as somebody wants to ask it.
struct PollDraft: Sendable {
    struct Option: Sendable {
        let text: String
        let emoji: String?
    }

    let question: String
    let options: [Option]
    let duration_h: Int
    let isMultiple: Bool
    let visibility: Poll.Visibility
    let isAnonymous: Bool

    /// - Throws: `.invalidInput` for answers that nobody could tell apart.
    init(
        question: String, options: [Option], duration_h: Int, isMultiple: Bool, visibility: Poll.Visibility,
        isAnonymous: Bool
    ) throws(APIError) {
        guard Set(options.map { NameRules.key($0.text) }).count == options.count else {
            throw .invalidInput("options", "must differ: nobody could tell equal ones apart")
        }
        self.question = question
        self.options = options
        self.duration_h = duration_h
        self.isMultiple = isMultiple
        self.visibility = visibility
        self.isAnonymous = isAnonymous
    }

    static let question = NameRules.name(1...300)
    static let duration_h = JSONReader<Int>.integer(1...168)
    static let visibility = JSONReader<Poll.Visibility>.oneOf(Poll.Visibility.self)

    private static let text = NameRules.name(1...100)
    private static let emoji = JSONReader<String>.string(1...64)
    private static let optionInput = JSONInput(
        "PollOptionDraft", .required("text", text), .optional("emoji", emoji),
        make: { (text, emoji) throws(APIError) in Option(text: text, emoji: emoji) })

    /// A text, or an object that has one.
    private static let option = JSONReader<Option>(.either(text.schema, optionInput.schema)) { json in
        do throws(APIError) {
            if json.object != nil {
                return .success(try JSONReader.object(optionInput).value(of: json, named: "option"))
            }
            return .success(Option(text: try text.value(of: json, named: "option"), emoji: nil))
        } catch {
            return .failure(.init(error.details.map(\.message).joined(separator: "; ")))
        }
    }

    static let options = JSONReader<[Option]>.array(of: option, count: 2...10)

    static let input = JSONInput(
        "MessagePollDraft",
        .required("question", question),
        .required("options", options),
        .optional("duration_hours", duration_h, default: 24),
        .optional("multiple", .bool, default: false),
        .optional("results_visibility", visibility, default: .always),
        .optional("anonymous", .bool, default: true),
        make: { (question, options, duration, multiple, visibility, anonymous) throws(APIError) in
            try PollDraft(
                question: question, options: options, duration_h: duration, isMultiple: multiple,
                visibility: visibility, isAnonymous: anonymous)
        })
}

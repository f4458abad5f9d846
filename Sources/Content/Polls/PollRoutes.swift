import Community
import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Polls {
    private static let one: [ErrorKind] = [.pollNotFound, .accessDenied, .permissionDenied, .invalidInput]

    private static let draftInput = JSONInput(
        "PollDraft",
        .optional("channel_id", .id(ChannelID.self)),
        .optional("message_id", .id(MessageID.self)),
        .required("question", PollDraft.question),
        .required("options", PollDraft.options),
        .optional("duration_hours", PollDraft.duration_h, default: 24),
        .optional("multiple", .bool),
        .optional("allow_multiple_choice", .bool),
        .optional("results_visibility", PollDraft.visibility, default: .always),
        .optional("anonymous", .bool, default: true),
        make: {
            (channel, message, question, options, duration, multiple, many, visibility, anonymous) throws(APIError) in
            let draft = try PollDraft(
                question: question, options: options, duration_h: duration, isMultiple: multiple ?? many ?? false,
                visibility: visibility, isAnonymous: anonymous)
            return (draft: draft, occasion: try occasion(channel, message))
        })

    private static func occasion(_ channel: ChannelID?, _ message: MessageID?) throws(APIError) -> Occasion {
        switch (channel, message) {
        case (let channel?, nil): return .channel(channel)
        case (nil, let message?): return .message(message)
        case (nil, nil): throw .invalidInput("channel_id", "or message_id is required")
        default: throw .invalidInput("message_id", "goes without channel_id")
        }
    }

    private static let votes = JSONReader<[Int]>.array(of: option, count: 0...10)
    /// Some clients take all ids for texts.
    private static let option = JSONReader<Int>(.either(.integer(range: 0...9), .string(length: 1...1))) { json in
        guard let number = json.integer ?? json.string.flatMap({ Int64($0) }), (0...9).contains(number) else {
            return .failure(.init("must be the number of an option"))
        }
        return .success(Int(number))
    }

    private static let voteInput = JSONInput(
        "PollVote", .optional("options", votes), .optional("option_ids", votes),
        make: { (options, ids) throws(APIError) in
            guard let chosen = options ?? ids else { throw .invalidInput("options", "is required") }
            return chosen
        })

    private static let voterInput = JSONInput(
        "VoterPage", .optional("limit", .integer(1...100), default: 50), .optional("after", .id(UserID.self)),
        make: { (limit, after) throws(APIError) in (limit: limit, after: after) })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/polls", "Ask a channel", takes: .body(Self.draftInput), returns: Poll.self,
                statuses: [.created],
                errors: Channels.access + [
                    .messageNotFound, .emojiNotFound, .permissionDenied, .alreadyExists, .cannotMessageUser,
                    .rateLimited,
                ]
            ) { caller, call in
                .created(try await create(call.body.draft, on: call.body.occasion, by: caller))
            }
            .limited(by: .messageSend),
            .authenticated(
                .get, "/polls/{poll_id}", "Read a poll", takes: .nothing, returns: Poll.self, errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("poll_id"), for: caller)) },
            .authenticated(
                .get, "/polls/{poll_id}/results", "How a poll stands", takes: .nothing, returns: PollResults.self,
                errors: Self.one
            ) { caller, call in .ok(PollResults(poll: try await read(try call.id("poll_id"), for: caller))) },
            .authenticated(
                .get, "/polls/{poll_id}/options/{option_id}/voters", "List who has chosen something in an open poll",
                takes: .query(Self.voterInput), returns: [Voter].self, errors: Self.one + [.resourceNotFound]
            ) { caller, call in
                .ok(
                    try await voters(
                        of: try Self.option.value(of: .string(call.text("option_id")), named: "option_id"),
                        in: try call.id("poll_id"), after: call.query.after, limit: call.query.limit, for: caller))
            },
            .authenticated(
                .post, "/polls/{poll_id}/vote", "Vote", takes: .body(Self.voteInput), returns: Poll.self,
                errors: Self.one + [.cannotMessageUser, .alreadyHandled]
            ) { caller, call in .ok(try await vote(call.body, in: try call.id("poll_id"), by: caller)) }
            .limited(by: .reaction).forPeople,
            .authenticated(
                .post, "/polls/{poll_id}/close", "End a poll", takes: .nothing, returns: Poll.self,
                errors: Self.one + [.cannotMessageUser]
            ) { caller, call in .ok(try await close(try call.id("poll_id"), by: caller)) },
            .authenticated(
                .delete, "/polls/{poll_id}", "Delete a poll with its message", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await delete(try call.id("poll_id"), by: caller)
                return .success
            },
        ]
    }
}

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
        .required("channel_id", .id(ChannelID.self)),
        .required("question", NameRules.name(1...300)),
        .required("options", .array(of: NameRules.name(1...100), count: 2...10)),
        .required("duration_hours", .integer(1...168)),
        .optional("multiple", .bool, default: false),
        make: { (channel, question, options, duration, multiple) throws(APIError) in
            guard Set(options.map(NameRules.key)).count == options.count else {
                throw .invalidInput("options", "must differ: nobody could tell equal ones apart")
            }
            return Draft(
                channel: channel, question: question, options: options, duration_h: duration, isMultiple: multiple)
        })

    private static let voteInput = JSONInput(
        "PollVote", .required("options", .array(of: .integer(0...9), count: 0...10)),
        make: { (options) throws(APIError) in options })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/polls", "Ask a channel", takes: .body(Self.draftInput), returns: Poll.self,
                statuses: [.created], errors: Channels.access + [.permissionDenied, .cannotMessageUser, .rateLimited]
            ) { caller, call in .created(try await create(call.body, by: caller)) }
            .limited(by: .messageSend),
            .authenticated(
                .get, "/polls/{poll_id}", "Read a poll", takes: .nothing, returns: Poll.self, errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("poll_id"), for: caller)) },
            .authenticated(
                .post, "/polls/{poll_id}/vote", "Vote", takes: .body(Self.voteInput), returns: Poll.self,
                errors: Self.one + [.cannotMessageUser]
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

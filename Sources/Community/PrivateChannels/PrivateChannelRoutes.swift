import Features
import HTTPTypes
import Kernel
import WebAPI

extension PrivateChannels {
    enum Draft: Sendable {
        case conversation(UserID)
        case group([UserID], name: String?)
    }

    private static let draftInput = JSONInput(
        "PrivateChannelDraft",
        .optional("recipient_id", .id(UserID.self)),
        .optional("recipient_ids", .array(of: .id(UserID.self), count: 2...99)),
        .optional("name", NameRules.name(1...100)),
        make: { (user, users, name) throws(APIError) in
            switch (user, users) {
            case (let user?, nil): return Draft.conversation(user)
            case (nil, let users?): return Draft.group(users, name: name)
            default: throw .invalidInput("recipient_id", "or recipient_ids is required, and not both")
            }
        })

    private static let group = Channels.access + [.invalidUserID, .invalidInput]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/channels", "List one's private channels", takes: .nothing, returns: [Channel].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .post, "/users/@me/channels", "Open a conversation or make a group", takes: .body(Self.draftInput),
                returns: Channel.self, errors: [.userNotFound, .cannotMessageUser, .permissionDenied]
            ) { caller, call in
                switch call.body {
                case .conversation(let user): return .ok(try await openConversation(with: user, by: caller))
                case .group(let users, let name):
                    guard !caller.isBot else { throw APIError(.permissionDenied) }
                    try call.count(for: caller)
                    return .ok(try await makeGroup(of: users, name: name, by: caller))
                }
            }
            .limitedByHandler(.group),
            .authenticated(
                .get, "/users/@me/notes", "One's own notes channel", takes: .nothing, returns: Channel.self
            ) { caller, _ in .ok(try await notes(of: caller)) },
            .authenticated(
                .put, "/channels/{channel_id}/recipients/{user_id}", "Bring somebody into a group", takes: .nothing,
                returns: Channel.self, errors: Self.group + [.userNotFound, .alreadyMember, .cannotMessageUser]
            ) { caller, call in
                .ok(try await add(try call.id("user_id"), to: try call.id("channel_id"), by: caller))
            }
            .limited(by: .group).forPeople,
            .authenticated(
                .delete, "/channels/{channel_id}/recipients/{user_id}",
                "Leave a group, or remove somebody from one's own",
                takes: .nothing, returns: Success.self, errors: Self.group + [.permissionDenied, .memberNotFound]
            ) { caller, call in
                try await remove(try call.id("user_id"), from: try call.id("channel_id"), by: caller)
                return .success
            }
            .forPeople,
        ]
    }
}

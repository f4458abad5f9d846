import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Threads {
    private static let people = JSONReader<[UserID]>.array(of: .id(UserID.self), count: 0...100)

    private static let draftInput = JSONInput(
        "ThreadDraft",
        .required("name", NameRules.name(1...100)),
        .optional("thread_type", .oneOf(Visibility.self), default: .public),
        .optional("invitable", .bool, default: true),
        .optional("message_id", .id(MessageID.self)),
        .optional("parent_message_id", .id(MessageID.self)),
        .optional("auto_archive_minutes", Channels.autoArchive),
        .optional("auto_archive_duration", Channels.autoArchive),
        make: { (name, visibility, invitable, message, parent, minutes, duration) throws(APIError) in
            Draft(
                name: name, visibility: visibility, isInvitable: invitable, message: message ?? parent,
                autoArchive_min: minutes ?? duration)
        })

    private static let changeInput = JSONInput(
        "ThreadChange",
        .replacement("name", NameRules.name(1...100)),
        .replacement("archived", .bool),
        .replacement("locked", .bool),
        .replacement("invitable", .bool),
        .replacement("auto_archive_minutes", Channels.autoArchive),
        .replacement("auto_archive_duration", Channels.autoArchive),
        .replacement("slowmode_seconds", .integer(0...21_600)),
        .optional("add_members", people, default: []),
        .optional("remove_members", people, default: []),
        make: {
            (name, archived, locked, invitable, minutes, duration, slowmode, joining, leaving) throws(APIError) in
            Change(
                name: name, isArchived: archived, isLocked: locked, isInvitable: invitable,
                autoArchive_min: minutes ?? duration, slowmode_s: slowmode, joining: joining, leaving: leaving)
        })

    private static let pageInput = JSONInput(
        "ThreadPage",
        .optional("archived", .bool, default: false),
        .optional("type", .oneOf(Visibility.self)),
        .optional("before", .id(ChannelID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (archived, type, before, limit) throws(APIError) in
            Page(archived: archived, visibility: type, before: before, limit: limit)
        })

    private static let memberPageInput = JSONInput(
        "ThreadMemberPage",
        .optional("after", .id(UserID.self)),
        .optional("limit", .integer(1...1000), default: 100),
        make: { (after, limit) throws(APIError) in (after: after, limit: limit) })

    private static let changing = Channels.access + [.permissionDenied, .memberNotFound, .cannotMessageUser]
    private static let ownPath = "/threads/{channel_id}/members/@me"
    private static let memberPath = "/threads/{channel_id}/members/{user_id}"

    package var routes: [Route] { threadRoutes + memberRoutes }

    private var threadRoutes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/threads", "List a channel's threads that one can see, newest first",
                takes: .query(Self.pageInput), returns: [Channel].self, errors: Channels.access
            ) { caller, call in .ok(try await list(try call.id("channel_id"), call.query, for: caller)) },
            .authenticated(
                .get, "/servers/{server_id}/threads/active", "List the threads of a server that are not archived",
                takes: .nothing, returns: ActiveThreads.self, errors: Servers.access
            ) { caller, call in .ok(try await active(in: try call.id("server_id"), for: caller)) },
            .authenticated(
                .post, "/channels/{channel_id}/threads", "Open a thread", takes: .body(Self.draftInput),
                returns: Channel.self, statuses: [.created],
                errors: Channels.access + [.permissionDenied, .messageNotFound, .alreadyExists]
            ) { caller, call in .created(try await create(call.body, in: try call.id("channel_id"), by: caller)) }
            .limited(by: .messageSend),
            .authenticated(
                .get, "/threads/{channel_id}", "Read a thread", takes: .nothing, returns: Channel.self,
                errors: Channels.access
            ) { caller, call in .ok(try await read(try call.id("channel_id"), for: caller)) },
            .authenticated(
                .patch, "/threads/{channel_id}", "Change, archive or lock a thread, join or leave it",
                takes: .body(Self.changeInput), returns: Channel.self, errors: Self.changing
            ) { caller, call in .ok(try await change(try call.id("channel_id"), call.body, by: caller)) },
            .authenticated(
                .delete, "/threads/{channel_id}", "Delete a thread", takes: .nothing, returns: Success.self,
                errors: Channels.access + [.permissionDenied]
            ) { caller, call in
                try await delete(try call.id("channel_id"), by: caller)
                return .success
            },
        ]
    }

    private var memberRoutes: [Route] {
        [
            .authenticated(
                .get, "/threads/{channel_id}/members", "List who has joined a thread",
                takes: .query(Self.memberPageInput), returns: [ThreadMember].self, errors: Channels.access
            ) { caller, call in
                .ok(
                    try await members(
                        of: try call.id("channel_id"), after: call.query.after, limit: call.query.limit, for: caller))
            },
            .authenticated(
                .put, Self.ownPath, "Join a thread", takes: .nothing, returns: Success.self,
                errors: Channels.access + [.permissionDenied, .invalidInput]
            ) { caller, call in
                try await join(try call.id("channel_id"), by: caller)
                return .success
            },
            .authenticated(
                .delete, Self.ownPath, "Leave a thread", takes: .nothing, returns: Success.self,
                errors: Channels.access
            ) { caller, call in
                try await leave(try call.id("channel_id"), by: caller)
                return .success
            },
            .authenticated(
                .put, Self.memberPath, "Bring somebody into a thread", takes: .nothing, returns: Success.self,
                errors: Channels.access + [.invalidUserID, .permissionDenied, .invalidInput, .cannotMessageUser]
            ) { caller, call in
                try await add(try call.id("user_id"), to: try call.id("channel_id"), by: caller)
                return .success
            },
            .authenticated(
                .delete, Self.memberPath, "Put somebody out of a thread", takes: .nothing, returns: Success.self,
                errors: Channels.access + [.invalidUserID, .permissionDenied]
            ) { caller, call in
                try await remove(try call.id("user_id"), from: try call.id("channel_id"), by: caller)
                return .success
            },
        ]
    }
}

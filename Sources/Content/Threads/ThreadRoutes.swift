import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Threads {
    private static let autoArchive = JSONReader<Int>.integer(60...10_080).checked(
        "must be one of \(autoArchiveChoices_min.map(String.init).joined(separator: ", "))"
    ) { (minutes: Int) -> Int? in autoArchiveChoices_min.contains(minutes) ? minutes : nil }

    private static let people = JSONReader<[UserID]>.array(of: .id(UserID.self), count: 0...100)

    private static let draftInput = JSONInput(
        "ThreadDraft",
        .required("name", NameRules.name(1...100)),
        .optional("message_id", .id(MessageID.self)),
        .optional("auto_archive_minutes", autoArchive, default: 1440),
        make: { (name, message, autoArchive) throws(APIError) in
            Draft(name: name, message: message, autoArchive_min: autoArchive)
        })

    private static let changeInput = JSONInput(
        "ThreadChange",
        .replacement("name", NameRules.name(1...100)),
        .replacement("archived", .bool),
        .replacement("locked", .bool),
        .replacement("auto_archive_minutes", autoArchive),
        .replacement("slowmode_seconds", .integer(0...21_600)),
        .optional("add_members", people, default: []),
        .optional("remove_members", people, default: []),
        make: { (name, archived, locked, autoArchive, slowmode, joining, leaving) throws(APIError) in
            Change(
                name: name, isArchived: archived, isLocked: locked, autoArchive_min: autoArchive, slowmode_s: slowmode,
                joining: joining, leaving: leaving)
        })

    private static let pageInput = JSONInput(
        "ThreadPage",
        .optional("archived", .bool, default: false),
        .optional("before", .id(ChannelID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (archived, before, limit) throws(APIError) in Page(archived: archived, before: before, limit: limit) })

    private static let changing = Channels.access + [.permissionDenied, .memberNotFound, .cannotMessageUser]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/threads", "List a channel's threads, newest first",
                takes: .query(Self.pageInput), returns: [Channel].self, errors: Channels.access
            ) { caller, call in .ok(try await list(try call.id("channel_id"), call.query, for: caller)) },
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
                .get, "/threads/{channel_id}/members", "List who has joined a thread", takes: .nothing,
                returns: [UserID].self, errors: Channels.access
            ) { caller, call in .ok(try await members(of: try call.id("channel_id"), for: caller)) },
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
}

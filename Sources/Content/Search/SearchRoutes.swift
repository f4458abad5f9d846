import Community
import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Search {
    /// A moment in Unix seconds, or a message's id: what is greater than any second that matters is an id.
    private static let bound = JSONReader<MessageID>(.string(length: 1...19)) { json in
        guard let text = json.string, let id = try? MessageID(parsing: text) else {
            return .failure(.init("must be a message's id or Unix seconds"))
        }
        let isMoment = id.rawValue < 100_000_000_000
        return .success(isMoment ? MessageID(earliestAt: Timestamp(seconds: id.rawValue)) : id)
    }

    private static let text = JSONReader.string(1...200)

    private static func query(
        _ text: String?, author: UserID?, has: SearchQuery.Kind?, before: MessageID?, after: MessageID?,
        mentions: UserID?, pinned: Bool?, order: SearchQuery.Order, limit: Int, named name: String
    ) throws(APIError) -> SearchQuery {
        let terms = SearchTerm.terms(in: text ?? "")
        guard terms.count <= SearchQuery.maximumTerms else {
            throw .invalidInput(name, "must have at most \(SearchQuery.maximumTerms) words")
        }
        let query = SearchQuery(
            terms: terms, author: author, has: has, before: before, after: after, mentions: mentions, isPinned: pinned,
            order: order, limit: limit)
        guard !terms.isEmpty || author != nil || has != nil || mentions != nil || pinned != nil else {
            throw .invalidInput(name, "or another filter is required")
        }
        return query
    }

    private static let channelInput = JSONInput(
        "ChannelSearch",
        .optional("content", text), .optional("from", .id(UserID.self)),
        .optional("has", .oneOf(SearchQuery.Kind.self)),
        .optional("before", bound), .optional("after", bound), .optional("mentions", .id(UserID.self)),
        .optional("pinned", .bool), .optional("sort", .oneOf(SearchQuery.Order.self), default: .newest),
        .optional("limit", .integer(1...100), default: 25),
        make: { (text, author, has, before, after, mentions, pinned, order, limit) throws(APIError) in
            try query(
                text, author: author, has: has, before: before, after: after, mentions: mentions, pinned: pinned,
                order: order, limit: limit, named: "content")
        })

    private static let globalInput = JSONInput(
        "MessageSearch",
        .optional("q", text), .optional("server_id", .id(ServerID.self)), .optional("channel_id", .id(ChannelID.self)),
        .optional("from", .id(UserID.self)), .optional("has", .oneOf(SearchQuery.Kind.self)),
        .optional("before", bound), .optional("after", bound), .optional("mentions", .id(UserID.self)),
        .optional("pinned", .bool), .optional("sort", .oneOf(SearchQuery.Order.self), default: .newest),
        .optional("limit", .integer(1...100), default: 25),
        make: {
            (text, server, channel, author, has, before, after, mentions, pinned, order, limit) throws(APIError) in
            let place = channel.map(Place.channel) ?? server.map(Place.server) ?? .everywhere
            return (
                place: place,
                query: try query(
                    text, author: author, has: has, before: before, after: after, mentions: mentions, pinned: pinned,
                    order: order, limit: limit, named: "q")
            )
        })

    private static let peopleInput = JSONInput(
        "PersonSearch", .required("q", .string(1...100)), .optional("after", .id(UserID.self)),
        .optional("limit", .integer(1...50), default: 25),
        make: { (text, after, limit) throws(APIError) in People(text: text, after: after, limit: limit) })

    private static let nameInput = JSONInput(
        "NameSearch", .required("q", .string(1...100)), .optional("limit", .integer(1...50), default: 25),
        make: { (text, limit) throws(APIError) in (text: text, limit: limit) })

    private static let access = Channels.access + [.permissionDenied]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/messages/search", "Search a channel's messages",
                takes: .query(Self.channelInput), returns: [Message].self, errors: Self.access
            ) { caller, call in
                .ok(try await messages(call.query, in: .channel(try call.id("channel_id")), for: caller))
            }
            .limited(by: .messageList),
            .authenticated(
                .get, "/search/messages", "Search all messages that one can read", takes: .query(Self.globalInput),
                returns: [Message].self, errors: Self.access + Servers.access
            ) { caller, call in .ok(try await messages(call.query.query, in: call.query.place, for: caller)) }
            .limited(by: .messageList),
            .authenticated(
                .get, "/search/users", "Search people", takes: .query(Self.peopleInput),
                returns: [PublicUser].self
            ) { caller, call in .ok(try await users(call.query, for: caller)) },
            .authenticated(
                .get, "/search/servers", "Search one's servers", takes: .query(Self.nameInput), returns: [Server].self
            ) { caller, call in .ok(try await servers(call.query.text, limit: call.query.limit, for: caller)) },
        ]
    }
}

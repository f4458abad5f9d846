import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Discovery {
    private static let tag = JSONReader.string(2...20).checked("may have a-z, 0-9 and '-'") {
        (tag: String) -> String? in tag.utf8.allSatisfy(isPlain) ? tag : nil
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// As BCP 47 writes languages: `en`, `pt-BR`, `zh-Hant`.
    private static let language = JSONReader.string(2...35).checked("must be a language such as en or pt-BR") {
        (text: String) -> String? in
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            (1...8).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        guard isPlain, let first = parts.first, (2...3).contains(first.count), first.allSatisfy(\.isLetter) else {
            return nil
        }
        return ([first.lowercased()] + parts.dropFirst().map(String.init)).joined(separator: "-")
    }

    private static let draftInput = JSONInput(
        "DiscoveryDraft",
        .required("enabled", .bool),
        .required(
            "summary",
            NameRules.text(10...300).checked("must have something to see") {
                NameRules.isVisible($0) ? $0 : nil
            }),
        .optional("tags", .array(of: tag, count: 0...10), default: []),
        .required("category", .oneOf(Listing.Category.self)), .optional("language", language),
        make: { (isEnabled, summary, tags, category, language) throws(APIError) in
            Draft(
                isEnabled: isEnabled,
                texts: Listing.Texts(summary: summary, tags: tags.unique, category: category, language: language))
        })

    private static let searchInput = JSONInput(
        "DiscoverySearch",
        .optional("q", .string(0...100)), .optional("tag", .string(1...20)),
        .optional("category", .oneOf(Listing.Category.self)), .optional("language", language),
        .optional("sort", .oneOf(ListingSearch.Order.self), default: .relevance),
        .optional("limit", .integer(1...100), default: 25), .optional("offset", .integer(0...1000), default: 0),
        make: { (text, tag, category, language, order, limit, offset) throws(APIError) in
            ListingSearch(
                text: text, tag: tag, category: category, language: language, order: order, limit: limit,
                offset: offset)
        })

    package var routes: [Route] { serverRoutes + directoryRoutes }

    private var serverRoutes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/discovery", "Read what a server says in the directory", takes: .nothing,
                returns: ListingReport.self, errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await report(try call.id("server_id"), for: caller)) },
            .authenticated(
                .put, "/servers/{server_id}/discovery", "Set what a server says in the directory",
                takes: .body(Self.draftInput), returns: ListingReport.self,
                errors: Servers.access + [.permissionDenied]
            ) { caller, call in .ok(try await set(call.body, of: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .post, "/servers/{server_id}/bump", "Put a server at the top of the directory", takes: .nothing,
                returns: Bump.self, errors: Servers.access + [.permissionDenied, .rateLimited]
            ) { caller, call in .ok(try await bump(try call.id("server_id"), by: caller)) },
        ]
    }

    private var directoryRoutes: [Route] {
        [
            .authenticated(
                .get, "/discovery/servers", "Find servers", takes: .query(Self.searchInput),
                returns: ListedServers.self
            ) { caller, call in .ok(try await search(call.query, for: caller)) },
            .authenticated(
                .get, "/discovery/tags", "List the tags that most servers of the directory have", takes: .nothing,
                returns: [ListingTopic].self
            ) { _, _ in .ok(try await tags()) },
            .authenticated(
                .get, "/discovery/categories", "List the categories of the directory", takes: .nothing,
                returns: [ListingTopic].self
            ) { _, _ in .ok(try await categories()) },
            .authenticated(
                .get, "/servers/{server_id}/preview", "See a server of the directory", takes: .nothing,
                returns: ServerPreview.self, errors: Servers.access
            ) { caller, call in .ok(try await preview(try call.id("server_id"), for: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/join", "Join a server of the directory", takes: .nothing,
                returns: JoinedServer.self, errors: Servers.access + [.alreadyMember, .bannedFromServer, .invalidInput]
            ) { caller, call in .ok(try await join(try call.id("server_id"), by: caller)) }
            .forPeople,
        ]
    }
}

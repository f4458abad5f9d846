import Client
import Database
import Kernel
import NIOHTTP1
import Testing

@testable import Chat
@testable import Features

extension TestServer {
    /// Puts in rows by hand, each with its number as `$1`: making so many takes a client hours.
    func fill(_ count: Int, _ sql: StaticSQL, _ values: [any SQLBindable] = []) async throws {
        let values = values.map(\.sqlValue)
        try await onDatabase { tx in
            for number in 0..<count { try tx.execute(sql, [.integer(Int64(number + 1))] + values) }
        }
    }

    /// Copies a row, each copy with its number as `$1` in some columns.
    func copies(
        _ count: Int, of table: StaticSQL, where key: StaticSQL, is id: any SQLBindable,
        with changes: KeyValuePairs<String, StaticSQL>
    ) async throws {
        let (changed, id) = (changes.map { (column: $0.key, value: $0.value) }, id.sqlValue)
        try await onDatabase { tx in
            let columns = try tx.all(
                tx.dialect == .sqlite
                    ? "SELECT name FROM pragma_table_info('\(table)')"
                    : "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '\(table)' AND table_schema = current_schema()"
            ) { $0.text(0) }
            let kept = columns.filter { column in !changed.contains { $0.column == column } }
            let names = (changed.map(\.column) + kept).joined(separator: ", ")
            let values = (changed.map(\.value.text) + kept).joined(separator: ", ")
            for number in 0..<count {
                try tx.execute(
                    "INSERT INTO \(table) (\(sql: names)) SELECT \(sql: values) FROM \(table) WHERE \(key) = $2",
                    [Int64(number + 1), id])
            }
        }
    }
}

extension Person {
    /// Makes accounts of nobody in particular, with ids below every real one.
    func isCopied(_ count: Int) async throws {
        let name: StaticSQL = "'filler' || CAST(CAST($1 AS BIGINT) AS TEXT)"
        try await server.copies(
            count, of: "users", where: "id", is: try UserID(parsing: id),
            with: [
                "id": "CAST($1 AS BIGINT)", "username": name, "username_key": name,
                "email": "\(name) || '@example.org'", "email_key": "\(name) || '@example.org'",
            ])
    }

    /// What a client asks for first, and what people do all day.
    func goesOn(in nest: Community) async throws {
        _ = try await listens()
        #expect(try await outcome(.GET, "/users/@me/unread") == "200")
        #expect(try await outcome(.GET, "/search/messages?q=hello") == "200")
        #expect(try await says("hello", in: nest.general)["content"] == "hello")
        #expect(try await reads(nest.general, "?limit=1") == ["hello"])
    }
}

/// A server in which something is filled to its cap.
struct Brim: Sendable {
    let cap: Cap
    let server: TestServer
    let alice: Person
    let bob: Person
    let nest: Community

    init(_ cap: Cap, _ server: TestServer) async throws {
        (self.cap, self.server) = (cap, server)
        (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
        nest = try await alice.foundsServer()
        try await bob.joins(nest)
    }

    var user: UserID { get throws { try UserID(parsing: alice.id) } }
    var home: ServerID { get throws { try ServerID(parsing: nest.id) } }
    var general: ChannelID { get throws { try ChannelID(parsing: nest.general) } }

    /// What is there leaves room for one: the last one is taken, the next refused as the cap says.
    func ends(_ ask: @Sendable (Int) async throws -> HTTPReply) async throws {
        let last = try await ask(1)
        #expect(last.status < 300, "\(last.text)")
        try refuses(try await ask(2))
    }

    func ends(_ method: HTTPMethod, _ path: String, _ body: @Sendable (Int) -> JSON?) async throws {
        try await ends(method, { _ in path }, body)
    }

    func ends(
        _ method: HTTPMethod, _ path: @Sendable (Int) -> String, _ body: @Sendable (Int) -> JSON? = { _ in nil }
    ) async throws {
        try await ends { number in try await alice.send(method, path(number), body(number)) }
    }

    func refuses(_ reply: HTTPReply) throws {
        guard case .refused(let field) = cap.effect else { throw UnexpectedReply(reply) }
        #expect(reply.outcome == "400 Invalid input")
        #expect(reply.issues == [field])
        #expect(reply.text.contains("\(cap.maximum)"), "\(reply.text)")
    }

    func count(_ table: StaticSQL, where key: StaticSQL, is id: any SQLBindable) async throws -> Int {
        let id = id.sqlValue
        return try await server.onDatabase { tx in
            try tx.first("SELECT COUNT(*) FROM \(table) WHERE \(key) = $1", [id]) { $0.int(0) } ?? 0
        }
    }

    // MARK: What it is filled with

    /// Messages of hers, by their ids.
    func says(_ count: Int) async throws -> [String] {
        var ids: [String] = []
        for number in 0..<count { ids.append(try await alice.says("said \(number)", in: nest.general).text("id")) }
        return ids
    }

    /// Everybody but one whom she can stand in such a relation to, and two more people.
    func known(_ status: String) async throws -> [Person] {
        try await bob.isCopied(cap.maximum)
        try await server.fill(
            cap.maximum - 1,
            "INSERT INTO relationships (other_id, user_id, status, created_at) VALUES ($1, $2, $3, 1)",
            [try user, status])
        return [try await server.person("carol"), try await server.person("dave")]
    }

    var later: JSON { ["content": "later", "send_at": .integer(server.clock.now().seconds + 3600)] }

    func schedules(in channel: String) async throws {
        try await alice.does(.POST, "/channels/\(channel)/scheduled-messages", later)
    }

    func jobs(_ count: Int, _ kind: Job.Kind, _ state: Job.State) async throws {
        let user = try user
        try await server.onDatabase { tx in
            for number in 0..<count {
                let finished = state == .done ? tx.now : nil
                try JobStore.insert(
                    Job(
                        id: JobID(rawValue: Int64(number + 1)), kind: kind, owner: user, channel: nil, input: [:],
                        state: state, progress: 0, error: nil, result: nil, size_bytes: 0, createdAt: tx.now,
                        finishedAt: finished, expiresAt: finished.map { $0 + .seconds(86_400) }), tx)
            }
        }
    }

    /// Overwrites of nobody in particular.
    func overwrites(_ count: Int, on channel: ChannelID) async throws {
        try await server.fill(
            count,
            "INSERT INTO overwrites (subject_id, channel_id, is_role, allow, deny) VALUES ($1, $2, FALSE, 1, 2)",
            [channel])
    }

    func threads(_ count: Int, archived: Bool) async throws {
        let thread = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "t"]).text("id")
        let id = try ChannelID(parsing: thread)
        try await server.copies(
            count - 1, of: "channels", where: "id", is: id, with: ["id": "CAST($1 AS BIGINT)"])
        try await server.copies(
            count - 1, of: "threads", where: "channel_id", is: id,
            with: ["channel_id": "CAST($1 AS BIGINT)", "archived": archived ? "TRUE" : "FALSE", "message_id": "NULL"])
    }
}

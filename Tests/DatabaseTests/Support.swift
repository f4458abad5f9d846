import Database
import Dispatch
import Kernel
import Logging
import NIOConcurrencyHelpers
import Testing

/// Something that a closure on a thread reports to a test that awaits it.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }

    func fire() { continuation.yield() }

    func wait() async {
        for await _ in stream { return }
    }

    func wait(times: Int) async {
        var left = times
        for await _ in stream {
            left -= 1
            if left == 0 { return }
        }
    }
}

/// Holds closures on their threads until the test lets them go, all of them and for good.
struct Barrier: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
        semaphore.wait()
        semaphore.signal()
    }

    func open() { semaphore.signal() }
}

final class Counter: Sendable {
    private let box = NIOLockedValueBox(0)

    var value: Int { box.withLockedValue { $0 } }

    @discardableResult
    func increment() -> Int {
        box.withLockedValue { count in
            count += 1
            return count
        }
    }
}

struct Refusal: Error, Equatable {
    let reason: String
    init(_ reason: String = "refused") { self.reason = reason }
}

extension Migration {
    static let things = Migration(1, "things") { dialect in
        ["CREATE TABLE things (id \(sql: dialect.primaryKey), name TEXT NOT NULL UNIQUE, amount BIGINT NOT NULL)"]
    }
}

/// The usual deeds of these tests, on the table of `Migration.things`.
extension Transaction {
    func addThing(_ id: Int, name: String? = nil, amount: Int = 0) throws {
        try execute(
            "INSERT INTO things (id, name, amount) VALUES ($1, $2, $3)", [id, name ?? "thing \(id)", amount])
    }

    func amount(_ id: Int) throws -> Int? {
        try first("SELECT amount FROM things WHERE id = $1", [id]) { $0.int(0) }
    }

    func setAmount(_ id: Int, _ amount: Int) throws {
        try execute("UPDATE things SET amount = $1 WHERE id = $2", [amount, id])
    }

    func thingCount() throws -> Int {
        try first("SELECT COUNT(*) FROM things") { $0.int(0) } ?? 0
    }
}

extension SQLDatabase {
    func thingCount() async throws -> Int { try await read { try $0.thingCount() } }
}

extension DatabaseError {
    /// The case alone, for tests in which the words do not matter.
    enum Kind: Equatable {
        case unavailable, commitUncertain, overloaded, closed, uniqueViolation, serializationFailure, statement
        case newerSchema
    }

    var kind: Kind {
        switch self {
        case .unavailable: .unavailable
        case .commitUncertain: .commitUncertain
        case .overloaded: .overloaded
        case .closed: .closed
        case .uniqueViolation: .uniqueViolation
        case .serializationFailure: .serializationFailure
        case .statement: .statement
        case .newerSchema: .newerSchema
        }
    }
}

/// Expects `body` to throw a `DatabaseError` of a kind.
func expect(
    _ kind: DatabaseError.Kind, sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was thrown instead of .\(kind)", sourceLocation: sourceLocation)
    } catch let error as DatabaseError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error) was thrown instead of .\(kind)", sourceLocation: sourceLocation)
    }
}

import Foundation
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@testable import Database

@Suite("Words among processes")
struct PostgreSQLNoticesTests {
    /// A process that listens.
    private struct Listener: Sendable {
        let notices: PostgreSQLNotices
        let heard = NIOLockedValueBox<[PostgreSQLNotices.Occurrence]>([])

        init(_ url: String) throws {
            let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            notices = try PostgreSQLNotices(url: url, logger: silent)
            notices.start { [heard] occurrence in heard.withLockedValue { $0.append(occurrence) } }
        }

        var words: [String] {
            heard.withLockedValue { $0 }.compactMap { if case .heard(let word) = $0 { word } else { nil } }
        }

        var connections: Int { heard.withLockedValue { $0 }.count { $0 == .connected } }

        func connects(times: Int = 1) async throws { try await eventually { connections >= times } }
    }

    private static func withListeners(
        _ count: Int, _ body: ([Listener], DatabasePlace) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let listeners = try (0..<count).map { _ in try Listener(place.address) }
            for listener in listeners { try await listener.connects() }
            do {
                try await body(listeners, place)
            } catch {
                for listener in listeners { await listener.notices.close() }
                throw error
            }
            for listener in listeners { await listener.notices.close() }
        }
    }

    @Test("what one says all others hear, and not the one who said it")
    func heard() async throws {
        try await Self.withListeners(3) { listeners, _ in
            listeners[0].notices.say(["one"])
            try await eventually { listeners[1].words == ["one"] && listeners[2].words == ["one"] }
            listeners[1].notices.say(["\"quoted\\ '"])
            try await eventually { listeners[0].words == ["\"quoted\\ '"] && listeners[2].words.count == 2 }
        }
    }

    @Test("what waits already is not said twice")
    func once() async throws {
        try await Self.withListeners(2) { listeners, _ in
            for _ in 0..<1000 { listeners[0].notices.say(["look"]) }
            listeners[0].notices.say(["end"])
            try await eventually { listeners[1].words.last == "end" }
            // Some are said while the others come.
            #expect(listeners[1].words.count < 500)
        }
    }

    @Test("a connection that breaks is made anew, and whoever listens is told")
    func again() async throws {
        try await Self.withListeners(2) { listeners, place in
            for round in 1...3 {
                try await place.killConnections()
                for listener in listeners { try await listener.connects(times: round + 1) }
                listeners[0].notices.say(["round \(round)"])
                try await eventually { listeners[1].words.contains("round \(round)") }
            }
        }
    }

    @Test("what was said before closing is said; what nobody can take is bounded")
    func closing() async throws {
        try await Self.withListeners(1) { listeners, place in
            let other = try Listener(place.address)
            try await other.connects()
            other.notices.say(["farewell"])
            await other.notices.close()
            try await eventually { listeners[0].words == ["farewell"] }
            // Nobody takes these any more.
            let long = String(repeating: "x", count: 7000)
            for number in 0..<2000 { other.notices.say(["\(number) \(long)"]) }
        }
    }

    @Test("closing waits for no server that is away")
    func closingAlone() async throws {
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let notices = try PostgreSQLNotices(url: "postgres://127.0.0.1:1/none", logger: silent)
        notices.start { _ in }
        await notices.close()
    }
}

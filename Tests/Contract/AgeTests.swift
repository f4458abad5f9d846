import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import People

@Suite("Age at registration")
struct AgeTests {
    private static func registers(_ server: TestServer, _ name: String, _ age: [String: JSON]) async throws -> HTTPReply
    {
        let account = AccountTests.registration(name).object ?? [:]
        return try await server.send(.POST, "/auth/register", .object(account.merging(age) { $1 }))
    }

    /// A day so many years before the server's today, and so many days later.
    private static func born(_ years: Int, before server: TestServer, days: Int64 = 0) -> JSON {
        let day = CalendarDay(of: server.clock.now() + .seconds(days * 86_400))
        let text = (server.clock.now() + .seconds(days * 86_400)).iso8601.prefix(10).dropFirst(4)
        return .string("\(day.year - years)\(text)")
    }

    @Test("where nobody asks, what is said of one's age does not matter", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let told = try await server.send(.GET, "/auth/password-requirements").json
            #expect(
                (told["age_gate_enabled"], told["age_verification_type"], told["minimum_age"]) == (false, "off", .null))
            let made = try await Self.registers(server, "alice", ["age": "old", "dob": 7, "age_verified": [1]])
            #expect(made.status == 201 && made.json["user"]?["age_verified"] == false)
        }
    }

    @Test("who says to be old enough gets an account", arguments: DatabaseKind.allCases)
    func declaration(kind: DatabaseKind) async throws {
        let settings = ["registration.age_gate": "boolean", "registration.minimum_age": "16"]
        try await TestServer.with(kind, settings) { server in
            let told = try await server.send(.GET, "/capabilities").json
            #expect(
                (told["age_gate_enabled"], told["age_verification_type"], told["minimum_age"]) == (true, "boolean", 16))
            let cases: [([String: JSON], String)] = [
                ([:], "400 Invalid input"), (["age_verified": .null], "400 Invalid input"),
                (["age_verified": "yes"], "400 Invalid input"), (["age": 151], "400 Invalid input"),
                (["age": -1], "400 Invalid input"), (["age": "17"], "400 Invalid input"),
                (["age_verified": false], "403 Age requirement not met"), (["age": 15], "403 Age requirement not met"),
                (["age": 15, "age_verified": true], "403 Age requirement not met"),
                (["dob": "1990-01-01"], "400 Invalid input"),
            ]
            for (age, outcome) in cases {
                #expect(try await Self.registers(server, "alice", age).outcome == outcome, "\(age)")
            }
            let missing = try await Self.registers(server, "alice", [:])
            #expect(missing.issues == ["age_verified"])
            for (name, age): (String, [String: JSON]) in [("alice", ["age_verified": true]), ("bob", ["age": 16])] {
                let made = try await Self.registers(server, name, age)
                #expect(made.status == 201 && made.json["user"]?["age_verified"] == true)
            }
        }
    }

    @Test("a date of birth is reckoned to the day, and not kept", arguments: DatabaseKind.allCases)
    func dateOfBirth(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["registration.age_gate": "dob"]) { server in
            for day in ["", "2001-02-29", "2001-13-01", "01.02.2003", "2001-1-1", "1850-01-01", "9999-12-31"] {
                let reply = try await Self.registers(server, "alice", ["dob": .string(day)])
                #expect(reply.outcome == "400 Invalid input" && reply.issues == ["dob"], "\(day)")
            }
            let tomorrow = Self.born(0, before: server, days: 1)
            #expect(try await Self.registers(server, "alice", ["dob": tomorrow]).outcome == "400 Invalid input")
            #expect(try await Self.registers(server, "alice", ["age_verified": true]).issues == ["dob"])
            let tooYoung = Self.born(13, before: server, days: 1)
            #expect(
                try await Self.registers(server, "alice", ["dob": tooYoung]).outcome == "403 Age requirement not met")
            let today = Self.born(13, before: server)
            let made = try await Self.registers(server, "alice", ["dob": today])
            #expect(made.status == 201 && made.json["user"]?["age_verified"] == true)
            let kept = try await server.onDatabase { tx in
                try UserStore.user(named: "alice", tx)?.ageVerifiedAt
            }
            #expect(kept == server.clock.now())
            // Who is too young learns nothing of who is here.
            #expect(
                try await Self.registers(server, "alice", ["dob": tooYoung]).outcome == "403 Age requirement not met")
            #expect(try await Self.registers(server, "alice", ["dob": today]).outcome == "409 Username already taken")
        }
    }

    @Test("who comes from another provider is asked once more, for ten minutes", arguments: DatabaseKind.allCases)
    func singleSignOn(kind: DatabaseKind) async throws {
        let settings = ["registration.age_gate": "dob"]
        try await SingleSignOnTests.withProvider(kind, settings) { server, provider in
            func finishes(_ code: String, _ state: String, _ age: [String: JSON] = [:]) async throws -> HTTPReply {
                let answer: [String: JSON] = ["code": .string(code), "state": .string(state)]
                return try await server.send(
                    .POST, "/auth/oauth/nest/callback", .object(answer.merging(age) { $1 }))
            }
            func comes(_ subject: String) async throws -> (code: String, state: String) {
                try await provider.knows(subject, SingleSignOnTests.claims("\(subject)@example.org"))
                let start = try await server.beginsSingleSignOn()
                return try await provider.logIn(subject, at: start.text("authorization_url"))
            }
            let subject = "age-\(kind)"
            let (code, state) = try await comes(subject)
            #expect(try await finishes(code, state).issues == ["dob"])
            server.clock.advance(by: .seconds(599))
            #expect(try await finishes(code, state, ["dob": "nonsense"]).issues == ["dob"])
            let made = try await finishes(code, state, ["dob": "1990-05-06"])
            #expect(made.json["status"] == "success" && made.json["user"]?["age_verified"] == true)
            #expect(try await finishes(code, state, ["dob": "1990-05-06"]).outcome == "401 Expired token")
            let (again, next) = try await comes(subject)
            #expect(try await finishes(again, next).status == 200, "who has an account is not asked")

            let (child, young) = try await comes("young-\(kind)")
            #expect(try await finishes(child, young).issues == ["dob"])
            let today = Self.born(12, before: server)
            #expect(try await finishes(child, young, ["dob": today]).outcome == "403 Age requirement not met")
            #expect(try await finishes(child, young, ["dob": "1990-05-06"]).outcome == "401 Expired token")

            let (late, old) = try await comes("late-\(kind)")
            #expect(try await finishes(late, old).issues == ["dob"])
            server.clock.advance(by: .seconds(600))
            #expect(try await finishes(late, old, ["dob": "1990-05-06"]).outcome == "401 Expired token")
        }
    }
}

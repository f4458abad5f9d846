import Aviary
import Chat
import Client
import Features
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("The operator's commands")
struct AdministrationTests {
    @Test("an administrator is made by the operator, with a verified address", arguments: DatabaseKind.allCases)
    func create(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let first = try await server.person("first")
            #expect(
                try await first.outcome(.GET, "/admin/maintenance") == "403 Admin access required",
                "being first is no rank")
            let id = try await server.operate {
                try await $0.create(username: "root", email: "root@example.org", password: Person.password)
            }
            let login = try await server.send(.POST, "/auth/login", AccountTests.login("root"))
            #expect(login.json["user"]?["id"]?.string == id.description)
            #expect(login.json["user"]?["email_verified"] == true)
            let token = try login.json.text("token")
            #expect(try await server.send(.GET, "/admin/maintenance", token: token).outcome == "200")
        }
    }

    @Test("it is refused what a registration would be", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            let drafts: [(String, String, String, ErrorKind)] = [
                ("ALICE", "a@example.org", Person.password, .usernameTaken),
                ("root", "Alice@example.org", Person.password, .emailTaken),
                ("root", "root@example.org", "password", .weakPassword),
                ("r t", "root@example.org", Person.password, .invalidInput),
                ("root", "root", Person.password, .invalidInput),
            ]
            for (name, email, password, kind) in drafts {
                let error = await #expect(throws: APIError.self) {
                    try await server.operate {
                        try await $0.create(username: name, email: email, password: password)
                    }
                }
                #expect(error?.kind == kind)
            }
        }
    }

    @Test("promotion and its opposite hold for logins from then on", arguments: DatabaseKind.allCases)
    func promote(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            try await server.operate { try await $0.appoint("Alice@example.org") }
            #expect(try await alice.onAnotherDevice().outcome(.GET, "/admin/maintenance") == "200")
            #expect(try await alice.does(.GET, "/users/@me")["admin"] == true)
            server.clock.advance(by: .seconds(31))
            #expect(try await alice.outcome(.GET, "/admin/maintenance") == "200", "what is believed is looked up again")
            let admins = try await server.operate { try await $0.administrators() }
            #expect(admins.map(\.username) == ["alice"])
            try await server.operate { try await $0.dismiss("alice") }
            server.clock.advance(by: .seconds(31))
            #expect(try await alice.outcome(.GET, "/admin/maintenance") == "403 Admin access required")
            await #expect(throws: APIError.userNotFound) {
                try await server.operate { try await $0.appoint("nobody") }
            }
        }
    }

    @Test(
        "the program's commands make, list and mend administrators beside a running server",
        arguments: DatabaseKind.allCases)
    func commands(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let database = server.settings.all.first { $0.setting.key == "database.url" }?.value ?? ""
            let cheap = ["--set", "passwords.argon2_memory_kib=16", "--set", "passwords.argon2_passes=1"]
            let options = ["--data", server.folder, "--database", database] + cheap
            let create = ["admin", "create", "root", "--email", "root@example.org"] + options
            let made = try await AviaryProgram.run(create, input: Person.password + "\n")
            #expect(made.status == 0, "\(made.text)")
            let again = try await AviaryProgram.run(create, input: Person.password + "\n")
            #expect(again.status != 0)
            #expect(again.text.contains("Username already taken"))
            let weak = try await AviaryProgram.run(
                ["admin", "create", "toor", "--email", "t@example.org"] + options, input: "weak\n")
            #expect(weak.text.contains("must have at least 12 characters"))
            let list = try await AviaryProgram.run(["admin", "list"] + options)
            #expect(list.text.contains("root\troot@example.org\tstandard\tadmin"))
            #expect(try await AviaryProgram.run(["admin", "tier", "root", "staff"] + options).status == 0)
            #expect(try await AviaryProgram.run(["admin", "tier", "root", "gold"] + options).status != 0)
            let reset = try await AviaryProgram.run(["admin", "reset-2fa", "root"] + options)
            #expect(reset.text.contains("2FA is not enabled"))
            #expect(
                try await AviaryProgram.run(["admin", "start-maintenance", "--message", "Tea"] + options).status == 0)
            #expect(try await AviaryProgram.run(["admin", "end-maintenance"] + options).status == 0)
            let login = try await server.send(.POST, "/auth/login", AccountTests.login("root"))
            #expect(login.status == 200)
        }
    }
}

import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing
import WebAPI

@Suite("Bots")
struct BotTests {
    /// What bots do not do (decision 013): they are brought, own nothing, know nobody, and have no login of their own.
    static let closed: Set<String> = [
        "POST /servers", "POST /servers/{server_id}/transfer", "POST /channels/invites/{code}",
        "PUT /servers/{server_id}/bots/{application_id}", "POST /relationships",
        "PUT /relationships/{user_id}/accept", "DELETE /relationships/{user_id}", "POST /relationships/block",
        "PUT /channels/{channel_id}/recipients/{user_id}", "DELETE /channels/{channel_id}/recipients/{user_id}",
        "POST /polls/{poll_id}/vote", "POST /applications", "PUT /applications/{application_id}",
        "DELETE /applications/{application_id}", "POST /applications/{application_id}/bot",
        "POST /applications/{application_id}/bot/token", "POST /auth/2fa/enable", "POST /auth/2fa/confirm",
        "POST /auth/2fa/disable", "POST /auth/passkeys/options/register", "POST /auth/passkeys/register",
        "PATCH /auth/passkeys/{passkey_id}", "DELETE /auth/passkeys/{passkey_id}", "POST /auth/reauthenticate",
        "POST /auth/refresh",
        "POST /auth/logout", "DELETE /auth/sessions/{session_id}", "POST /auth/sessions/revoke-all",
        "DELETE /users/@me", "POST /users/@me/data-export", "POST /feedback", "POST /feedback/{ticket_id}/notes",
        "POST /users/@me/reminders", "POST /servers/{server_id}/rules/accept",
        "POST /servers/{server_id}/onboarding/answers", "POST /servers/{server_id}/join", "POST /templates/{code}",
        "PUT /servers/{server_id}/events/{event_id}/rsvp", "DELETE /servers/{server_id}/events/{event_id}/rsvp",
        "PUT /users/@me/keyword-alerts",
        "PUT /users/@me/notification-settings",
        "PUT /users/@me/notification-settings/servers/{server_id}",
        "PUT /users/@me/notification-settings/channels/{channel_id}",
        "POST /users/@me/push/tokens", "DELETE /users/@me/push/tokens/{token_id}", "POST /features/push/tokens",
        "DELETE /features/push/tokens/{token_id}", "POST /users/@me/push/test",
        "PATCH /users/@me/reminders/{reminder_id}", "DELETE /users/@me/reminders/{reminder_id}",
    ]

    /// Of what begins so they do everything that their roles let them, or that is about themselves; `/admin` asks for more.
    static let open = [
        "/servers", "/channels", "/threads", "/polls", "/webhooks", "/avatars", "/media", "/users/", "/settings",
        "/reports", "/admin", "/features/admin", "/features/users/@me", "/features/bookmarks",
        "/features/forward", "/features/voice-messages", "/stickers",
        "/features/onboarding",
    ]

    @Test("what is closed to bots is declared so, and nothing else is")
    func declarations() {
        let declared = DeclaredRoutes.changing.filter(\.isForPeople).map(DeclaredRoutes.name)
        #expect(Set(declared).subtracting(Self.closed).sorted() == [])
        #expect(Self.closed.subtracting(declared).sorted() == [])
        let undecided = DeclaredRoutes.changing.filter { route in
            route.access != .everyone && !route.isForPeople && !Self.open.contains(where: route.path.hasPrefix)
        }
        #expect(undecided.map(DeclaredRoutes.name) == [], "decide what a bot may do there")
    }

    @Test("a bot is refused where only people go", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: nest)
            for route in Self.closed.sorted() {
                let parts = route.split(separator: " ").map(String.init)
                let path = parts[1].split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                let outcome = try await bot.outcome(
                    HTTPMethod(rawValue: parts[0]), "/" + path.joined(separator: "/"), [:])
                #expect(outcome == "403 Permission denied", "\(route)")
            }
            #expect(
                try await bot.outcome(
                    .POST, "/users/@me/channels", ["recipient_ids": [.string(alice.id), "1"]])
                    == "403 Permission denied")
        }
    }

    @Test("a bot speaks to those it has a server in common with, and to its owner", arguments: DatabaseKind.allCases)
    func conversations(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let bot = try await alice.makesBot(isPublic: true)
            func opens(_ person: Person) async throws -> String {
                try await bot.outcome(.POST, "/users/@me/channels", ["recipient_id": .string(person.id)])
            }
            #expect(try await opens(alice) == "200")
            #expect(try await opens(bob) == "403 Cannot message this user")
            let den = try await bob.foundsServer()
            try await bob.brings(bot, to: den)
            #expect(try await opens(bob) == "200")
        }
    }

    @Test("nobody befriends a bot, puts it into a group, or gives it a server", arguments: DatabaseKind.allCases)
    func objects(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: nest)
            let id = JSON.string(bot.id)
            #expect(
                try await bob.outcome(.POST, "/relationships", ["user_id": id]) == "403 Cannot message this user")
            #expect(
                try await bob.outcome(.POST, "/users/@me/channels", ["recipient_ids": [id, .string(carol.id)]])
                    == "403 Cannot message this user")
            let group = try await bob.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(alice.id), .string(carol.id)]]
            ).text("id")
            #expect(
                try await bob.outcome(.PUT, "/channels/\(group)/recipients/\(bot.id)") == "403 Cannot message this user"
            )
            let transfer = try await alice.send(
                .POST, "/servers/\(nest.id)/transfer", ["user_id": id, "password": .string(Person.password)])
            #expect(transfer.outcome == "400 Invalid input")
            #expect(transfer.issues == ["user_id"])
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["owner_id"]?.string == alice.id)
        }
    }

    @Test(
        "a bot comes to a server once; its application is renamed and listed by its owner",
        arguments: DatabaseKind.allCases)
    func bringing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: nest)
            let again = try await alice.outcome(.PUT, "/servers/\(nest.id)/bots/\(bot.application)")
            #expect(again == "409 Already a member")
            let renamed = try await alice.does(.PUT, "/applications/\(bot.application)", ["name": "Other"])
            #expect(try await alice.does(.GET, "/applications") == [renamed])
            #expect(renamed["name"] == "Other")
        }
    }

    // MARK: Tokens

    @Test("a locked owner's bots are silent, and stay so until they get new tokens", arguments: DatabaseKind.allCases)
    func lockedOwner(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot()
            let socket = try await bot.listens()
            #expect(try await bot.standing() == "200")
            try await root.does(.POST, "/admin/users/\(alice.id)/lock")
            #expect(try await bot.standing() == "401 Invalid token")
            #expect(try await socket.socket.closed().code == 4004)
            try await root.does(.POST, "/admin/users/\(alice.id)/unlock")
            #expect(try await bot.standing() == "401 Invalid token")
            #expect(try await alice.onAnotherDevice().renews(bot).standing() == "200")
        }
    }

    @Test("a locked bot gets no token from its owner", arguments: DatabaseKind.allCases)
    func lockedBot(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot(isPublic: true)
            let socket = try await bot.listens()
            let token = "/applications/\(bot.application)/bot/token"
            try await root.does(.POST, "/admin/users/\(bot.id)/lock")
            #expect(try await socket.socket.closed().code == 4004)
            #expect(try await bot.standing() == "401 Invalid token")
            #expect(try await alice.outcome(.POST, token) == "403 Permission denied")
            let nest = try await alice.foundsServer()
            #expect(
                try await alice.outcome(.PUT, "/servers/\(nest.id)/bots/\(bot.application)")
                    == "404 Application not found")
            try await root.does(.POST, "/admin/users/\(bot.id)/unlock")
            #expect(try await alice.renews(bot).standing() == "200")
        }
    }

    @Test("logging out or deleting a bot or its owner takes the tokens", arguments: DatabaseKind.allCases)
    func loggedOut(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            for (index, isOwner) in [true, false, true, false].enumerated() {
                let owner = try await server.person("owner\(index)")
                let bot = try await owner.makesBot()
                #expect(try await bot.standing() == "200")
                let path = "/admin/users/\(isOwner ? owner.id : bot.id)"
                _ = try await (index < 2 ? root.does(.POST, "\(path)/logout") : root.does(.DELETE, path))
                #expect(try await bot.standing() == "401 Invalid token", "\(index)")
            }
        }
    }

    @Test("bots wait with their owner, who may come back, and go with them", arguments: DatabaseKind.allCases)
    func leavingOwner(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot("helper")
            let socket = try await bot.listens()
            let body: JSON = ["password": .string(Person.password)]
            try await alice.does(.DELETE, "/users/@me", body)
            #expect(try await socket.socket.closed().code == 4004)
            #expect(try await bot.standing() == "401 Invalid token")
            let back = try await alice.onAnotherDevice()
            #expect(try await bot.standing() == "200")
            try await back.does(.DELETE, "/users/@me", body)
            try await server.erasesDeletedAccounts()
            #expect(try await bot.standing() == "401 Invalid token")
            _ = try await server.person("helper")
        }
    }

    @Test("an erased bot is gone, and its application can have another", arguments: DatabaseKind.allCases)
    func erasedBot(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot("helper")
            try await root.does(.DELETE, "/admin/users/\(bot.id)")
            try await server.erasesDeletedAccounts()
            #expect(try await bot.standing() == "401 Invalid token")
            let path = "/applications/\(bot.application)"
            #expect(try await alice.does(.GET, path)["bot_id"] == .null)
            #expect(try await alice.outcome(.POST, "\(path)/bot/token") == "404 Application not found")
            #expect(try await alice.outcome(.POST, "\(path)/bot", ["username": "helper"]) == "201")
        }
    }

    @Test("who is there is told to the bots alone that were granted it", arguments: DatabaseKind.allCases)
    func presences(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: nest)
            let device = try await alice.listens()
            let ask = { @Sendable (intents: Int64) async throws -> JSON? in
                let hears = try await bot.listens(intents: intents)
                try await hears.socket.send([
                    "op": 8,
                    "d": ["server_id": .string(nest.id), "user_ids": [.string(alice.id)], "presences": true],
                ])
                return try await hears.awaits("GUILD_MEMBERS_CHUNK")["d"]?["members"]?[0]
            }
            #expect(try await ask(1)?["presence"]?.string == nil)
            try await alice.does(
                .PUT, "/applications/\(bot.application)", ["name": "App", "privileged_intents": ["GUILD_PRESENCES"]])
            #expect(try await ask(1)?["presence"] == "online")
            _ = device
        }
    }

    // MARK: Names

    @Test(
        "a bot's name is held to the rules of everybody's, and is free when it is gone",
        arguments: DatabaseKind.allCases)
    func names(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            try await root.does(.POST, "/admin/banned-usernames", ["value": "spam*"])
            let alice = try await server.person("alice")
            let application = try await alice.does(.POST, "/applications", ["name": "App"]).text("id")
            let path = "/applications/\(application)/bot"
            for name in ["spammer", "System", "adm1n"] {
                #expect(try await alice.outcome(.POST, path, ["username": .string(name)]) == "400 Invalid input")
            }
            #expect(try await alice.outcome(.POST, path, ["username": "ROOT"]) == "409 Username already taken")
            try await alice.does(.POST, path, ["username": "famous"])
            #expect(
                try await server.outcome(
                    .POST, "/auth/register",
                    ["username": "famous", "email": "f@example.org", "password": .string(Person.password)])
                    == "409 Username already taken")
            try await alice.does(.DELETE, "/applications/\(application)")
            _ = try await server.person("famous")
        }
    }

    @Test("applications are made one after the other, not by the hundred", arguments: DatabaseKind.allCases)
    func pace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "true"]) { server in
            let alice = try await server.person("alice")
            var outcomes: [String] = []
            for _ in 0..<11 { outcomes.append(try await alice.outcome(.POST, "/applications", ["name": "App"])) }
            #expect(outcomes == Array(repeating: "201", count: 10) + ["429 Rate limited"])
        }
    }
}

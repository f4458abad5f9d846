import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Polls")
struct PollTests {
    @Test("a poll is asked, answered, and closed", arguments: DatabaseKind.allCases)
    func polls(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let draft: [String: JSON] = [
                "channel_id": .string(nest.general), "question": "Tea?", "options": ["yes", "no", "coffee"],
                "duration_hours": 1,
            ]
            let poll = try await alice.does(.POST, "/polls", .object(draft))
            let id = try poll.text("id")
            let message = try await scene.bobHears.hears("MESSAGE_CREATE")["d"] ?? .null
            #expect(message["type"] == "poll")
            #expect(message["poll"]?["question"] == "Tea?")
            let voted = try await bob.does(.POST, "/polls/\(id)/vote", ["options": [2]])
            #expect(
                voted["options"]?[2]
                    == ["id": 2, "text": "coffee", "emoji": .null, "votes": 1, "me": true])
            #expect(try await scene.aliceHears.awaits("POLL_UPDATE")["d"]?["poll"]?["options"]?[2]?["me"] == .null)
            try await bob.does(.POST, "/polls/\(id)/vote", ["options": [0]])
            try await alice.does(.POST, "/polls/\(id)/vote", ["options": [0]])
            let seen = try await alice.does(.GET, "/polls/\(id)")
            #expect(seen["total_votes"] == 2)
            #expect(seen["options"]?[2]?["votes"] == 0)
            for options: JSON in [[0, 1], [3], ["yes"], ["x"], .null] {
                #expect(try await bob.outcome(.POST, "/polls/\(id)/vote", ["options": options]) == "400 Invalid input")
            }
            #expect(try await bob.outcome(.POST, "/polls/\(id)/close") == "403 Permission denied")
            try await alice.does(.POST, "/polls/\(id)/close")
            #expect(try await bob.outcome(.POST, "/polls/\(id)/vote", ["options": [1]]) == "409 Already handled")
            let path = "/channels/\(nest.general)/messages/\(try message.text("id"))"
            #expect(try await bob.does(.GET, path)["poll"]?["closed_at"] != .null)
            #expect(try await alice.outcome(.PATCH, path, ["content": "changed"]) == "403 Permission denied")
            try await alice.does(.DELETE, "/polls/\(id)")
            #expect(try await alice.outcome(.GET, "/polls/\(id)") == "404 Poll not found")
            #expect(try await alice.outcome(.GET, path) == "404 Message not found")
            let multiple = try await alice.does(.POST, "/polls", .object(draft.merging(["multiple": true]) { $1 }))
            let path2 = "/polls/\(try multiple.text("id"))"
            #expect(try await bob.does(.POST, "\(path2)/vote", ["options": [0, 1]])["total_votes"] == 2)
            #expect(try await bob.does(.POST, "\(path2)/vote", ["options": []])["total_votes"] == 0)
            scene.server.clock.advance(by: .seconds(3600))
            #expect(try await bob.outcome(.POST, "\(path2)/vote", ["options": [1]]) == "409 Already handled")
            for (key, value): (String, JSON) in [
                ("options", ["one"]), ("options", .array(Array(repeating: "o", count: 11))), ("duration_hours", 0),
                ("duration_hours", 169), ("question", ""), ("question", .string(String(repeating: "q", count: 301))),
            ] {
                let body = draft.merging([key: value]) { $1 }
                #expect(try await alice.outcome(.POST, "/polls", .object(body)) == "400 Invalid input", "\(key)")
            }
            let carol = try await scene.server.person("carol")
            #expect(try await carol.outcome(.GET, path2) == "403 Access denied")
        }
    }

    @Test("only who may make polls makes one; all may vote", arguments: DatabaseKind.allCases)
    func pollsPermission(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let draft: JSON = [
                "channel_id": .string(nest.general), "question": "Tea?", "options": ["yes", "no"], "duration_hours": 1,
            ]
            try await bob.does(.POST, "/polls", draft)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PUT, "/channels/\(nest.general)/overwrites/\(everyone)",
                ["type": "role", "deny": ["polls.create"]])
            let refused = try await bob.send(.POST, "/polls", draft)
            #expect(refused.status == 403)
            #expect(refused.json["error"]?["details"]?[0]?["message"] == "polls.create")
            let poll = try await alice.does(.POST, "/polls", draft).text("id")
            try await bob.does(.POST, "/polls/\(poll)/vote", ["options": [1]])
        }
    }

    private static func ask(
        in channel: String, by person: Person, _ more: [String: JSON] = [:]
    ) async throws -> (poll: String, message: String) {
        let poll: [String: JSON] = ["question": "Tea?", "options": ["yes", "no"]]
        let sent = try await person.does(
            .POST, "/channels/\(channel)/messages",
            ["content": "a word before", "poll": .object(poll.merging(more) { $1 })])
        return (try #require(sent["poll"]).text("id"), try sent.text("id"))
    }

    @Test("a message takes a poll along with its words", arguments: DatabaseKind.allCases)
    func inMessage(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages"
            let options: JSON = ["yes", ["text": "no", "emoji": "\u{1F44E}"]]
            let sent = try await alice.does(
                .POST, path, ["content": "well", "poll": ["question": "Tea?", "options": options]])
            #expect(sent["type"] == "poll" && sent["content"] == "well")
            #expect(sent["poll"]?["options"]?[1]?["emoji"] == "\u{1F44E}")
            let (created, ends) = (sent["poll"]?["created_at"]?.integer, sent["poll"]?["ends_at"]?.integer)
            #expect(try #require(ends) - #require(created) == 24 * 3600)
            #expect(try await scene.bobHears.hears("MESSAGE_CREATE")["d"]?["poll"]?["question"] == "Tea?")
            #expect(try await bob.does(.GET, path)[0]?["poll"]?["created_by"] == .string(alice.id))
            let plain: [String: JSON] = ["question": "Tea?", "options": ["yes", "no"]]
            for (key, value): (String, JSON) in [
                ("options", ["one"]), ("options", ["same", "SAME"]), ("duration_hours", 169), ("question", " "),
                ("results_visibility", "never"), ("options", [["emoji": "\u{1F44E}"], "b"]), ("options", [1, 2]),
            ] {
                let poll = JSON.object(plain.merging([key: value]) { $1 })
                #expect(try await alice.outcome(.POST, path, ["poll": poll]) == "400 Invalid input", "\(key) \(value)")
            }
            let emoji: JSON = ["question": "?", "options": ["a", ["text": "b", "emoji": "ghost:1"]]]
            #expect(try await alice.outcome(.POST, path, ["poll": emoji]) == "404 Emoji not found")
        }
    }

    @Test("a poll is added to a message of one's own, once", arguments: DatabaseKind.allCases)
    func added(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let message = try await alice.says("what now", in: nest.general).text("id")
            func draft(_ message: String) -> JSON {
                [
                    "message_id": .string(message), "question": "Tea?", "options": ["a", "b"],
                    "allow_multiple_choice": true,
                ]
            }
            #expect(try await bob.outcome(.POST, "/polls", draft(message)) == "403 Permission denied")
            #expect(try await alice.outcome(.POST, "/polls", draft("1")) == "404 Message not found")
            try await scene.server.expectWritten(["MESSAGE_UPDATE": 1]) {
                try await alice.does(.POST, "/polls", draft(message))
            }
            let poll = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"]?["poll"] ?? .null
            #expect(poll["multiple"] == true && poll["message_id"] == .string(message))
            #expect(try await alice.outcome(.POST, "/polls", draft(message)) == "409 Already exists")
            let read = try await bob.does(.GET, "/channels/\(nest.general)/messages")[0]
            #expect(read?["poll"]?["id"] == poll["id"] && read?["content"] == "what now" && read?["type"] == "poll")
            let both: JSON = [
                "message_id": .string(message), "channel_id": .string(nest.general), "question": "?",
                "options": ["a", "b"],
            ]
            #expect(try await alice.outcome(.POST, "/polls", both) == "400 Invalid input")
            let den = try await alice.foundsServer("Den")
            let hidden = try await alice.says("hidden", in: den.general).text("id")
            #expect(try await bob.outcome(.POST, "/polls", draft(hidden)) == "403 Access denied")
        }
    }

    @Test("votes that are not told yet are told nobody by anything", arguments: DatabaseKind.allCases)
    func hiddenResults(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let carol = try await scene.server.person("carol")
            try await carol.joins(nest)
            let (poll, message) = try await Self.ask(
                in: nest.general, by: alice, ["results_visibility": "after_vote", "anonymous": false])
            func seen(by person: Person) async throws -> [JSON?] {
                let read = try await person.does(.GET, "/channels/\(nest.general)/messages/\(message)")["poll"]
                let results = try await person.does(.GET, "/polls/\(poll)/results")
                return [
                    read?["total_votes"], read?["options"]?[0]?["votes"], results["total_votes"],
                    results["poll"]?["options"]?[0]?["votes"], results["options"]?[0]?["votes"],
                ]
            }
            try await scene.server.expectWritten(["POLL_UPDATE": 1]) {
                try await bob.does(.POST, "/polls/\(poll)/vote", ["option_ids": ["0"]])
            }
            try await bob.does(.POST, "/polls/\(poll)/vote", ["options": [0]])
            #expect(try await seen(by: alice) == Array(repeating: .null, count: 5), "the author does not know either")
            #expect(try await seen(by: carol) == Array(repeating: .null, count: 5))
            #expect(try await seen(by: bob) == Array(repeating: 1, count: 5))
            let voters = "/polls/\(poll)/options/0/voters"
            #expect(try await alice.outcome(.GET, voters) == "403 Permission denied")
            #expect(try await bob.does(.GET, voters).column("username") == ["bob"])
            #expect(try await bob.outcome(.GET, "/polls/\(poll)/options/7/voters") == "404 Resource not found")
            #expect(try await bob.outcome(.GET, "/polls/\(poll)/options/x/voters") == "400 Invalid input")
            try await bob.does(.POST, "/polls/\(poll)/vote", ["options": []])
            #expect(
                try await seen(by: bob) == Array(repeating: .null, count: 5), "who takes the vote back knows no more")
            try await bob.does(.POST, "/polls/\(poll)/vote", ["options": [1]])
            #expect(try await scene.bobHears.awaits("POLL_UPDATE")["d"]?["poll"]?["total_votes"] == .null)
            try await alice.does(.POST, "/polls/\(poll)/close")
            // Of the votes she has heard nothing: the first that comes is the end.
            let end = try await scene.aliceHears.awaits("POLL_UPDATE")["d"]?["poll"]
            #expect(end?["total_votes"] == 1 && end?["is_ended"] == true)
            #expect(try await seen(by: carol) == [1, 0, 1, 0, 0])
            #expect(try await carol.does(.GET, "/polls/\(poll)/options/1/voters").column("user_id") == [bob.id])
            let results = try await bob.does(.GET, "/polls/\(poll)/results")
            #expect(results["user_voted"] == true && results["user_votes"] == [1])
        }
    }

    @Test("results after the end are told at the end, and its author is told of that", arguments: DatabaseKind.allCases)
    func afterEnd(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let (poll, message) = try await Self.ask(
                in: nest.general, by: bob, ["results_visibility": "after_end", "duration_hours": 1])
            try await alice.does(.POST, "/polls/\(poll)/vote", ["options": [0]])
            #expect(try await alice.does(.GET, "/polls/\(poll)")["total_votes"] == .null, "voting does not help")
            #expect(try await alice.outcome(.GET, "/polls/\(poll)/options/0/voters") == "403 Permission denied")
            try await scene.server.expectWritten(["POLL_UPDATE": 1, "NOTIFICATION_CREATE": 1]) {
                scene.server.clock.advance(by: .seconds(3600))
                try await scene.server.doesDueWork()
            }
            #expect(try await alice.does(.GET, "/polls/\(poll)")["total_votes"] == 1)
            let told = try await scene.bobHears.awaits("NOTIFICATION_CREATE")["d"]
            #expect(told?["type"] == "poll_ended" && told?["message_id"] == .string(message))
            #expect(
                try await alice.outcome(.GET, "/polls/\(poll)/options/0/voters") == "403 Permission denied",
                "it is anonymous")
            let (second, _) = try await Self.ask(in: nest.general, by: bob)
            try await scene.server.expectWritten(["POLL_UPDATE": 1]) {
                try await bob.does(.POST, "/polls/\(second)/close")
            }
        }
    }
}

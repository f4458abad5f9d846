import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Who leaves is in no list and no count, and who comes back has not missed what was none of their business.
@Suite("Leaving and coming back")
struct ComingBackTests {
    static func goesAndComes(_ person: Person, _ scene: StockedServer, whileAway: () async throws -> Void) async throws
    {
        let clock = scene.server.clock
        clock.advance(by: .seconds(1))
        try await person.does(.POST, "\(scene.path)/leave")
        clock.advance(by: .seconds(1))
        try await whileAway()
        clock.advance(by: .seconds(1))
        try await person.joins(scene.nest)
        clock.advance(by: .seconds(1))
    }

    @Test("what was said while one was away is no news where everything was read", arguments: DatabaseKind.allCases)
    func unread(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol, general) = (scene.alice, scene.carol, scene.nest.general)
            let silent = try await alice.opensChannel("silent", in: scene.nest)
            let mine = try await alice.opensChannel("mine", in: scene.nest)
            try await alice.says("hello", in: general)
            try await carol.does(.POST, "/channels/\(general)/messages/ack")
            try await carol.says("my own", in: mine)
            try await Self.goesAndComes(carol, scene) {
                for channel in [general, silent, mine] { try await alice.says("away @everyone", in: channel) }
            }
            #expect(try await carol.does(.GET, "/users/@me/unread") == ["unread_counts": [:], "mention_counts": [:]])
            for channel in [general, silent, mine] {
                let state = try await ReadStateTests.unread(carol, channel)
                #expect(state["unread_count"] == 0)
                #expect(state["mention_count"] == 0)
            }
            try await alice.says("back @everyone", in: general)
            let state = try await ReadStateTests.unread(carol, general)
            #expect(state["unread_count"] == 1)
            #expect(state["mention_count"] == 1)
        }
    }

    @Test("what was unread before stays so", arguments: DatabaseKind.allCases)
    func unreadBefore(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol, general) = (scene.alice, scene.carol, scene.nest.general)
            let untouched = try await alice.opensChannel("untouched", in: scene.nest)
            try await alice.says("read", in: general)
            try await carol.does(.POST, "/channels/\(general)/messages/ack")
            try await alice.says("unread", in: general)
            try await alice.says("never read", in: untouched)
            try await Self.goesAndComes(carol, scene) {}
            #expect(try await ReadStateTests.unread(carol, general)["unread_count"] == 1)
            #expect(try await ReadStateTests.unread(carol, untouched)["unread_count"] == 1)
        }
    }

    @Test("the same goes for a kick, a ban, and a group", arguments: DatabaseKind.allCases)
    func unwilling(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol, general) = (scene.alice, scene.carol, scene.nest.general)
            let recipients: JSON = [.string(carol.id), .string(scene.dave.id)]
            let group = try await alice.does(.POST, "/users/@me/channels", ["recipient_ids": recipients]).text("id")
            for channel in [general, group] {
                try await alice.says("hello", in: channel)
                try await carol.does(.POST, "/channels/\(channel)/messages/ack")
            }
            for isBan in [false, true] {
                scene.server.clock.advance(by: .seconds(1))
                try await carol.does(.DELETE, "/channels/\(group)/recipients/\(carol.id)")
                if isBan {
                    try await alice.does(.PUT, "\(scene.path)/bans/\(carol.id)", [:])
                    try await alice.does(.DELETE, "\(scene.path)/bans/\(carol.id)")
                } else {
                    try await alice.does(.DELETE, scene.member(carol))
                }
                for channel in [general, group] { try await alice.says("away", in: channel) }
                scene.server.clock.advance(by: .seconds(1))
                try await carol.joins(scene.nest)
                try await alice.does(.PUT, "/channels/\(group)/recipients/\(carol.id)")
                scene.server.clock.advance(by: .seconds(1))
                for channel in [general, group] {
                    #expect(try await ReadStateTests.unread(carol, channel)["unread_count"] == 0, "\(isBan)")
                }
            }
        }
    }

    @Test("who has left is in no thread, and is not when they come back", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol, dave) = (scene.alice, scene.carol, scene.dave)
            let thread = try await scene.thread(of: alice)
            let den = try await carol.foundsServer("Den")
            let elsewhere = try await carol.does(.POST, "/channels/\(den.general)/threads", ["name": "x"]).text("id")
            for person in [carol, dave] { try await person.says("x", in: thread) }
            func seen() async throws -> (JSON, JSON?) {
                (
                    try await alice.does(.GET, "/threads/\(thread)/members"),
                    try await alice.does(.GET, "/threads/\(thread)")["thread"]?["member_count"]
                )
            }
            #expect(try await seen().0.count == 3)
            try await carol.does(.POST, "\(scene.path)/leave")
            try await alice.does(.DELETE, scene.member(dave))
            for _ in 0..<2 {
                let (members, count) = try await seen()
                #expect(members.column("user_id") == [alice.id])
                #expect(count == 1)
                try await carol.joins(scene.nest)
                try await dave.joins(scene.nest)
                try await carol.does(.POST, "\(scene.path)/leave")
                try await alice.does(.DELETE, scene.member(dave))
            }
            #expect(try await carol.does(.GET, "/threads/\(elsewhere)/members").column("user_id") == [carol.id])
        }
    }

    @Test("who has left is in no list and no count of the server", arguments: DatabaseKind.allCases)
    func lists(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            try await alice.gives(scene.role, to: carol, in: scene.nest)
            try await carol.does(.POST, "\(scene.path)/leave")
            #expect(try await alice.does(.GET, scene.path)["member_count"] == 3)
            #expect(try await alice.does(.GET, "\(scene.path)/members?query=carol") == [])
            #expect(try await alice.does(.GET, "/search/users?q=caro") == [], "whole names are public")
            let message = try await alice.says("<@\(carol.id)> <@&\(scene.role)>", in: scene.nest.general)
            #expect(message["mentions"] == [])
            #expect(try await carol.does(.GET, "/users/@me/notifications") == [])
            #expect(
                try await alice.outcome(.GET, "\(scene.path)/permissions?user_id=\(carol.id)") == "404 Member not found"
            )
            try await carol.joins(scene.nest)
            let again = try await alice.does(.GET, "\(scene.path)/members?query=carol")
            #expect(again[0]?["roles"] == [], "what one was given ends, what one was put under does not")
        }
    }
}

import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Channels that are made with overwrites")
struct PrivateCreationTests {
    @Test("nobody without sight hears of a private channel, from its first moment on", arguments: DatabaseKind.allCases)
    func silence(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (hears, bobHears) = (try await scene.carol.listens(), try await scene.bob.listens())
            let made = try await scene.alice.does(
                .POST, scene.channels,
                [
                    "name": "layoffs", "topic": "who goes",
                    "overwrites": [
                        .overwrite("role", id: scene.everyone, deny: ["channels.view"]),
                        .overwrite("member", id: scene.bob.id, allow: ["channels.view"]),
                    ],
                ])
            #expect(Set(made["overwrites"]?.column("id") ?? []) == [scene.everyone, scene.bob.id])
            #expect(try await scene.alice.does(.GET, "/channels/\(try made.text("id"))") == made)
            #expect(try await bobHears.hears("CHANNEL_CREATE")["d"] == made)
            #expect(
                try await scene.carol.outcome(.GET, "/channels/\(try made.text("id"))") == "403 Access denied")
            try await scene.nothingReached(hears)
        }
    }

    @Test(
        "without overwrites a channel has its category's, with some these are laid over them",
        arguments: DatabaseKind.allCases)
    func category(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let make = { @Sendable (overwrites: JSON) async throws -> JSON in
                try await scene.alice.does(
                    .POST, scene.channels,
                    ["name": "made", "category_id": .string(scene.category), "overwrites": overwrites])
            }
            for nothing: JSON in [.null, []] { #expect(try await make(nothing)["overwrites"] == []) }
            let made = try await make([
                .overwrite("member", id: scene.bob.id, allow: ["channels.view"]),
                .overwrite("role", id: scene.everyone, deny: ["messages.send"]),
            ])
            let everyone = made["overwrites"]?.array?.first { $0["id"]?.string == scene.everyone }
            #expect(
                everyone == .overwrite("role", id: scene.everyone, deny: ["channels.view", "messages.send"]))
            #expect(try await scene.carol.outcome(.GET, "/channels/\(try made.text("id"))") == "403 Access denied")
            #expect(try await scene.bob.outcome(.GET, "/channels/\(try made.text("id"))") == "200")
        }
    }

    @Test("they are checked as those that are set later", arguments: DatabaseKind.allCases)
    func checks(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let high = try await scene.alice.makesRole("high", in: scene.nest)
            try await scene.alice.does(
                .PATCH, "/servers/\(scene.nest.id)/roles", [["id": .string(high), "position": 2]])
            let refused: [(JSON, String)] = [
                ([.overwrite("role", id: scene.everyone, allow: ["messages.manage"])], "403 Permission denied"),
                ([.overwrite("member", id: scene.bob.id, allow: ["messages.manage"])], "403 Permission denied"),
                ([.overwrite("role", id: high, allow: ["channels.view"])], "403 Permission denied"),
                ([.overwrite("role", id: scene.manager, deny: ["messages.send"])], "403 Permission denied"),
                ([.overwrite("member", id: scene.alice.id, deny: ["messages.send"])], "403 Permission denied"),
                ([.overwrite("role", id: "1")], "404 Role not found"),
                ([.overwrite("member", id: "1")], "404 Member not found"),
                ([.overwrite("role", id: "x")], "400 Invalid input"),
                ([.overwrite("dog", id: scene.everyone)], "400 Invalid input"),
                ([.overwrite("role")], "400 Invalid input"), (["x"], "400 Invalid input"), ([:], "400 Invalid input"),
                ([.overwrite("role", id: scene.everyone, allow: ["fly"])], "400 Invalid input"),
                ([.overwrite("role", id: scene.everyone, allow: ["administrator"])], "400 Invalid input"),
                (
                    [.overwrite("role", id: scene.everyone, allow: ["messages.send"], deny: ["messages.send"])],
                    "400 Invalid input"
                ),
                (
                    [.overwrite("role", id: scene.everyone), .overwrite("role", id: scene.everyone)],
                    "400 Invalid input"
                ),
                (.array((0...250).map { JSON.overwrite("member", id: String($0 + 1)) }), "400 Invalid input"),
            ]
            let before = try await scene.alice.does(.GET, scene.channels)
            for (overwrites, outcome) in refused {
                let draft: JSON = ["name": "a", "overwrites": overwrites]
                #expect(try await scene.bob.outcome(.POST, scene.channels, draft) == outcome, "\(overwrites)")
            }
            #expect(try await scene.alice.does(.GET, scene.channels) == before)
        }
    }
}

import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Nobody acts on what they can't see, be it alone or in a list, nor puts anything there.
@Suite("Places that one can't see")
struct HiddenPlaceTests {
    @Test(
        "the list form looks at each channel as the single form does, and moves all or none",
        arguments: DatabaseKind.allCases)
    func reordering(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let thread = try await scene.alice.does(
                .POST, "/channels/\(scene.nest.general)/threads", ["name": "thread"]
            ).text("id")
            let hiddenThread = try await scene.alice.does(
                .POST, "/channels/\(scene.room)/threads", ["name": "thread"]
            ).text("id")
            let readOnly = try await scene.alice.opensChannel("theirs", in: scene.nest)
            try await scene.alice.sets(scene.manager, "role", in: readOnly, deny: ["channels.manage"])
            let before = try await scene.alice.does(.GET, scene.channels)
            let allowed: JSON = ["id": .string(scene.nest.general), "position": 9]
            let items: [(JSON, String)] = [
                (["id": .string(scene.room), "position": 1, "category_id": .null], "403 Access denied"),
                (["id": .string(scene.room), "position": 1], "403 Access denied"),
                (["id": .string(scene.category), "position": 1], "403 Access denied"),
                (["id": .string(hiddenThread), "position": 1], "403 Access denied"),
                (["id": .string(thread), "position": 1], "400 Invalid input"),
                (["id": .string(readOnly), "position": 1], "403 Permission denied"),
                (["id": "1", "position": 1], "404 Channel not found"),
            ]
            let hears = try await scene.carol.listens()
            for (item, outcome) in items {
                for list: JSON in [[item], [allowed, item], [item, allowed]] {
                    #expect(try await scene.bob.outcome(.PATCH, scene.channels, list) == outcome, "\(item)")
                }
            }
            #expect(
                try await scene.carol.outcome(.PATCH, scene.channels, [allowed]) == "403 Permission denied")
            #expect(try await scene.alice.does(.GET, scene.channels) == before)
            try await scene.nothingReached(hears)
            #expect(try await scene.bob.outcome(.PATCH, scene.channels, [allowed]) == "200")
        }
    }

    @Test("nothing is made in, moved into or out of a category that one can't see", arguments: DatabaseKind.allCases)
    func categories(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let general = scene.nest.general
            // Whether it is a category is nobody's business either.
            for place in [scene.category, scene.room] {
                let into: JSON = ["category_id": .string(place)]
                let outcomes = [
                    try await scene.bob.outcome(
                        .POST, scene.channels, ["name": "plant", "category_id": .string(place)]),
                    try await scene.bob.outcome(.PATCH, "/channels/\(general)", into),
                    try await scene.bob.outcome(
                        .PATCH, scene.channels,
                        [["id": .string(general), "position": 0, "category_id": .string(place)]]),
                ]
                #expect(outcomes == ["403 Access denied", "403 Access denied", "403 Access denied"])
            }
            #expect(
                try await scene.bob.outcome(.POST, scene.channels, ["name": "plant", "category_id": "1"])
                    == "400 Invalid input")
            // A channel that Bob sees in a category that he does not see.
            try await scene.alice.sets(scene.manager, "role", in: scene.room, allow: ["channels.view"])
            #expect(try await scene.bob.outcome(.PATCH, "/channels/\(scene.room)", ["topic": "seen"]) == "200")
            #expect(
                try await scene.bob.outcome(.PATCH, "/channels/\(scene.room)", ["category_id": .null])
                    == "403 Access denied")
            #expect(try await scene.alice.sees(in: scene.nest).contains("plant") == false)
        }
    }

    @Test("a server's default channel is one that the caller sees", arguments: DatabaseKind.allCases)
    func defaultChannel(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["server.manage"]) { scene in
            let path = "/servers/\(scene.nest.id)"
            let other = try await scene.bob.foundsServer("Other")
            let outcomes: [(String, String)] = [
                (scene.room, "403 Access denied"), (scene.category, "403 Access denied"),
                ("1", "404 Channel not found"), (other.general, "404 Channel not found"),
            ]
            for (channel, outcome) in outcomes {
                let change: JSON = ["default_channel_id": .string(channel)]
                #expect(try await scene.bob.outcome(.PATCH, path, change) == outcome)
            }
            #expect(try await scene.alice.does(.GET, path)["default_channel_id"]?.string == scene.nest.general)
        }
    }

    @Test(
        "who manages the channels of a category makes and orders them there, and nowhere else",
        arguments: DatabaseKind.allCases)
    func lead(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            let lead = try await alice.makesRole("lead", in: scene.nest)
            try await alice.gives(lead, to: carol, in: scene.nest)
            try await alice.sets(lead, "role", in: scene.category, allow: ["channels.view", "channels.manage"])
            let made = try await carol.opensChannel(
                "team", in: scene.nest, ["category_id": .string(scene.category)])
            let draft: JSON = ["name": "elsewhere"]
            #expect(try await carol.outcome(.POST, scene.channels, draft) == "403 Permission denied")
            let order: JSON = [["id": .string(made), "position": 0], ["id": .string(scene.room), "position": 1]]
            #expect(try await carol.outcome(.PATCH, scene.channels, order) == "200")
            for place: JSON in [
                .null, .string(try await alice.opensChannel("T", in: scene.nest, ["type": "category"])),
            ] {
                #expect(
                    try await carol.outcome(.PATCH, "/channels/\(made)", ["category_id": place])
                        == "403 Permission denied", "a way out of the category is a way into the server")
            }
            // The right over the server does not count where the category takes it away.
            try await alice.sets(
                scene.manager, "role", in: scene.category, allow: ["channels.view"], deny: ["channels.manage"])
            let inside: JSON = ["name": "a", "category_id": .string(scene.category)]
            #expect(try await scene.bob.outcome(.POST, scene.channels, inside) == "403 Permission denied")
        }
    }
}

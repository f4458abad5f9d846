import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Nobody grants what they do not have, by whatever way: the rights before and after an act are what counts.
@Suite("Nobody grants what they lack")
struct GrantTests {
    @Test("managing channels gives nobody a right there that the category withholds", arguments: DatabaseKind.allCases)
    func withheld(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let quiet = try await alice.opensChannel("Quiet", in: scene.nest, ["type": "category"])
            try await alice.sets(
                scene.everyone, "role", in: quiet, deny: ["messages.send", "messages.mention_everyone"])
            let news = try await alice.opensChannel("news", in: scene.nest, ["category_id": .string(quiet)])
            let overwrite = "/channels/\(news)/overwrites/\(bob.id)"
            let speaks = { @Sendable () async throws -> String in
                try await bob.outcome(.POST, "/channels/\(news)/messages", ["content": "x"])
            }
            #expect(try await speaks() == "403 Permission denied")
            #expect(
                try await bob.outcome(.PUT, overwrite, .overwrite("member", allow: ["messages.send"]))
                    == "403 Permission denied")
            #expect(try await bob.outcome(.PUT, overwrite, .overwrite("member")) == "200")
            #expect(try await speaks() == "403 Permission denied")
            #expect(try await bob.outcome(.PATCH, "/channels/\(news)", ["category_id": .null]) == "200")
            #expect(try await speaks() == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, overwrite) == "200")
            let lifted = try await bob.send(.DELETE, "/channels/\(news)/overwrites/\(scene.everyone)")
            #expect(lifted.outcome == "403 Permission denied")
            #expect(try await speaks() == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, "/channels/\(quiet)") == "200")
            #expect(try await speaks() == "403 Permission denied")
        }
    }

    @Test(
        "a channel is not moved to where people gain what the mover lacks, alone or in a list",
        arguments: DatabaseKind.allCases)
    func moving(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let power = try await alice.opensChannel("Power", in: scene.nest, ["type": "category"])
            let gain = ["messages.manage", "webhooks.manage"]
            try await alice.sets(scene.everyone, "role", in: power, allow: gain)
            let words = try await alice.says("owner's words", in: general).text("id")
            let alone: JSON = ["category_id": .string(power)]
            let refused = try await bob.send(.PATCH, "/channels/\(general)", alone)
            #expect(refused.outcome == "403 Permission denied")
            #expect(refused.json["error"]?["details"]?[0]?["message"] == "messages.manage")
            let list: JSON = [["id": .string(general), "position": 1, "category_id": .string(power)]]
            #expect(try await bob.outcome(.PATCH, scene.channels, list) == "403 Permission denied")
            #expect(
                try await bob.outcome(.DELETE, "/channels/\(general)/messages/\(words)") == "403 Permission denied")
            // Who has what is gained may move it there.
            let mighty = try await alice.makesRole("mighty", in: scene.nest, gain)
            try await alice.gives(mighty, to: bob, in: scene.nest)
            #expect(try await bob.outcome(.PATCH, scene.channels, list) == "200")
        }
    }

    @Test("the last overwrite stays when without it somebody gained what one lacks", arguments: DatabaseKind.allCases)
    func lastOverwrite(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let power = try await alice.opensChannel("Power", in: scene.nest, ["type": "category"])
            try await alice.sets(scene.everyone, "role", in: power, allow: ["messages.manage"])
            let plain = try await alice.opensChannel("plain", in: scene.nest)
            try await alice.sets(scene.carol.id, "member", in: plain)
            try await alice.does(.PATCH, "/channels/\(plain)", ["category_id": .string(power)])
            #expect(
                try await bob.outcome(.DELETE, "/channels/\(plain)/overwrites/\(scene.carol.id)")
                    == "403 Permission denied")
            #expect(
                try await alice.outcome(.DELETE, "/channels/\(plain)/overwrites/\(scene.carol.id)") == "200",
                "the owner is exempt")
        }
    }

    @Test(
        "who has closed a channel can open it again, also for those who may do more", arguments: DatabaseKind.allCases)
    func reopening(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let moderator = try await scene.alice.makesRole("moderator", in: scene.nest, ["messages.manage"])
            try await scene.alice.gives(moderator, to: scene.carol, in: scene.nest)
            let plain = try await scene.alice.opensChannel("plain", in: scene.nest)
            try await scene.bob.sets(scene.bob.id, "member", in: plain, allow: ["channels.view"])
            try await scene.bob.sets(scene.everyone, "role", in: plain, deny: ["channels.view"])
            #expect(try await scene.carol.outcome(.GET, "/channels/\(plain)") == "403 Access denied")
            #expect(
                try await scene.bob.outcome(.DELETE, "/channels/\(plain)/overwrites/\(scene.everyone)") == "200")
            #expect(try await scene.carol.outcome(.GET, "/channels/\(plain)") == "200")
        }
    }

    @Test(
        "a role is given only by who has what overwrites allow it, and nobody sheds what theirs denies them",
        arguments: DatabaseKind.allCases)
    func roles(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["members.manage_roles", "roles.manage"]) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let insider = try await alice.makesRole("insider", in: scene.nest)
            let muted = try await alice.makesRole("muted", in: scene.nest)
            try await alice.sets(insider, "role", in: scene.category, allow: ["channels.view"])
            try await alice.sets(muted, "role", in: scene.nest.general, deny: ["messages.send"])
            try await alice.gives(muted, to: bob, in: scene.nest)
            let own = "/servers/\(scene.nest.id)/members/\(bob.id)"
            let carols = "/servers/\(scene.nest.id)/members/\(scene.carol.id)"
            let refused: [(HTTPMethod, String, JSON?)] = [
                (.PUT, "\(own)/roles/\(insider)", nil), (.PUT, "\(carols)/roles/\(insider)", nil),
                (.PATCH, carols, ["roles": [.string(insider)]]), (.DELETE, "\(own)/roles/\(muted)", nil),
                (.PATCH, own, ["roles": [.string(scene.manager)]]),
                (.DELETE, "/servers/\(scene.nest.id)/roles/\(muted)", nil),
            ]
            for (method, path, body) in refused {
                #expect(try await bob.outcome(method, path, body) == "403 Permission denied", "\(method) \(path)")
            }
            #expect(try await scene.carol.outcome(.GET, "/channels/\(scene.room)") == "403 Access denied")
            // On others it is the moderators' work.
            #expect(try await bob.outcome(.PUT, "\(carols)/roles/\(muted)") == "200")
            #expect(try await bob.outcome(.DELETE, "\(carols)/roles/\(muted)") == "200")
            #expect(try await alice.outcome(.PUT, "\(carols)/roles/\(insider)") == "200")
            #expect(try await scene.carol.reads(scene.room) == ["the secret plan"])
        }
    }
}

import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// Every route that can change a server: either what it does stands in the audit log, or there is a reason why not.
@Suite("Audit log of every route")
struct AuditRouteTests {
    /// What Bob does to the things of others.
    struct Act: Sendable {
        let route: String
        let action: String
        /// Whether the entry says what was before.
        var hasBefore = false
        /// Fields that the entry's changes must have besides.
        var fields: Set<String> = []
        let deed: @Sendable (StockedServer) async throws -> Deed
    }

    /// Routes whose requests leave no entry, with the reason.
    static let silent: [String: String] = [
        "POST /servers": "there was nothing before",
        "DELETE /servers/{server_id}": "the log goes with the server",
        "DELETE /admin/servers/{server_id}": "the log goes with the server; it stands in the instance's",
        "POST /servers/{server_id}/leave": "one's own membership, told by GUILD_MEMBER_REMOVE",
        "POST /channels/invites/{code}": "one's own membership, told by GUILD_MEMBER_ADD",
        "POST /servers/{server_id}/messages/read-all": "one's own reading",
        "POST /channels/{channel_id}/messages/ack": "one's own reading",
        "POST /channels/{channel_id}/messages/mark-unread": "one's own reading",
        "POST /channels/ack/bulk": "one's own reading",
        "POST /channels/{channel_id}/messages/export": "changes nothing",
        "POST /channels/{channel_id}/messages": "one's own words",
        "PATCH /channels/{channel_id}/messages/{message_id}": "one's own words, which only their author changes",
        "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}": "one's own reaction",
        "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}": "one's own reaction",
        "POST /channels/{channel_id}/typing": "kept nowhere",
        "POST /channels/{channel_id}/sounds/{sound_id}/play": "kept nowhere",
        "POST /channels/{channel_id}/attachments": "one's own file",
        "POST /channels/{channel_id}/voice-messages": "one's own words",
        "POST /channels/{channel_id}/scheduled-messages": "one's own words",
        "DELETE /channels/{channel_id}/scheduled-messages/{scheduled_id}": "one's own words",
        "POST /channels/{channel_id}/threads": "one's own words",
        "POST /servers/{server_id}/rules/accept": "one's own membership, told by GUILD_MEMBER_UPDATE",
        "POST /servers/{server_id}/onboarding/answers": "one's own answers, told by GUILD_MEMBER_UPDATE",
        "POST /servers/{server_id}/join": "one's own membership, told by GUILD_MEMBER_ADD",
        "POST /servers/{server_id}/bump": "changes nothing but a place in a list",
        "PUT /threads/{channel_id}/members/@me": "one's own place in a thread",
        "DELETE /threads/{channel_id}/members/@me": "one's own place in a thread",
        "POST /polls": "one's own words",
        "POST /polls/{poll_id}/vote": "one's own vote",
        "PUT /servers/{server_id}/events/{event_id}/rsvp": "one's own answer",
        "DELETE /servers/{server_id}/events/{event_id}/rsvp": "one's own answer",
        "POST /webhooks/{webhook_id}/{token}": "a program's words",
        "POST /webhooks/{webhook_id}/{token}/slack": "a program's words",
        "POST /webhooks/{webhook_id}/{token}/github": "a program's words",
        "PATCH /webhooks/{webhook_id}/{token}": "a program about itself; there is no account to name",
        "DELETE /webhooks/{webhook_id}/{token}": "a program about itself; there is no account to name",
        "PATCH /webhooks/{webhook_id}/{token}/messages/{message_id}": "a program's own words",
        "DELETE /webhooks/{webhook_id}/{token}/messages/{message_id}": "a program's own words",
        "POST /media/upload/session": "one's own file",
        "DELETE /media/upload/{upload_id}": "one's own file",
        "PUT /media/upload/{upload_id}/{chunk}": "one's own file",
        "POST /media/upload/complete/{upload_id}": "one's own file",
        "PUT /channels/{channel_id}/recipients/{user_id}": "groups are in no server",
        "DELETE /channels/{channel_id}/recipients/{user_id}": "groups are in no server",
    ]

    static let acts: [Act] = [
        Act(route: "PATCH /servers/{server_id}", action: "server.update", hasBefore: true) {
            Deed($0.path, ["name": "Den"])
        },
        Act(route: "PATCH /servers/{server_id}/members/{user_id}", action: "member.update", hasBefore: true) { scene in
            try await scene.alice.does(.PATCH, scene.member(scene.carol), ["nickname": "Caz"])
            return Deed(scene.member(scene.carol), ["nickname": "C"])
        },
        Act(
            route: "PATCH /servers/{server_id}/voice-states/{user_id}", action: "member.voice_update", hasBefore: true
        ) { scene in
            let listener = try await scene.carol.listens()
            let channel = try await VoiceTests.voiceChannel(of: scene.nest)
            try await listener.socket.send(["op": 4, "d": ["channel_id": .string(channel)]])
            try await listener.awaits("VOICE_STATE_UPDATE")
            return Deed("\(scene.path)/voice-states/\(scene.carol.id)", ["mute": true])
        },
        Act(
            route: "PUT /servers/{server_id}/members/{user_id}/roles/{role_id}", action: "member.roles_update",
            hasBefore: true
        ) {
            Deed("\($0.member($0.carol))/roles/\($0.role)")
        },
        Act(
            route: "DELETE /servers/{server_id}/members/{user_id}/roles/{role_id}", action: "member.roles_update",
            hasBefore: true
        ) {
            Deed("\($0.member($0.carol))/roles/\($0.role)")
        },
        Act(route: "POST /servers/{server_id}/roles", action: "role.create", fields: ["name", "permissions"]) {
            Deed("\($0.path)/roles", ["name": "new"])
        },
        Act(route: "PATCH /servers/{server_id}/roles", action: "role.update", hasBefore: true, fields: ["positions"]) {
            scene in
            let other = try await scene.alice.makesRole("other", in: scene.nest)
            return Deed(
                "\(scene.path)/roles",
                [["id": .string(scene.role), "position": 1], ["id": .string(other), "position": 2]])
        },
        Act(route: "PATCH /servers/{server_id}/roles/{role_id}", action: "role.update", hasBefore: true) {
            Deed("\($0.path)/roles/\($0.role)", ["name": "fish"])
        },
        Act(route: "DELETE /servers/{server_id}/roles/{role_id}", action: "role.delete", hasBefore: true) { scene in
            Deed("\(scene.path)/roles/\(try await scene.alice.makesRole("short", in: scene.nest))")
        },
        Act(
            route: "PUT /channels/{channel_id}/overwrites/{subject_id}", action: "overwrite.update",
            fields: ["subject_id"]
        ) {
            Deed("\($0.general)/overwrites/\($0.role)", ["type": "role", "deny": ["messages.attach_files"]])
        },
        Act(route: "DELETE /channels/{channel_id}/overwrites/{subject_id}", action: "overwrite.delete", hasBefore: true)
        {
            Deed("\($0.general)/overwrites/\($0.role)")
        },
        Act(route: "POST /servers/{server_id}/channels", action: "channel.create", fields: ["name"]) {
            Deed("\($0.path)/channels", ["name": "new"])
        },
        Act(route: "PATCH /servers/{server_id}/channels", action: "channel.update", hasBefore: true) { scene in
            let channel = try await scene.alice.opensChannel("moving", in: scene.nest)
            return Deed("\(scene.path)/channels", [["id": .string(channel), "position": 0]])
        },
        Act(route: "PATCH /channels/{channel_id}", action: "channel.update", hasBefore: true) {
            Deed($0.general, ["name": "birds"])
        },
        Act(route: "DELETE /channels/{channel_id}", action: "channel.delete", hasBefore: true) { scene in
            Deed("/channels/\(try await scene.alice.opensChannel("short", in: scene.nest))")
        },
        Act(route: "POST /channels/{channel_id}/invites", action: "invite.create") {
            Deed("\($0.general)/invites", [:])
        },
        Act(route: "DELETE /channels/invites/{code}", action: "invite.delete", hasBefore: true) { scene in
            Deed("/channels/invites/\(try await scene.alice.invites(to: scene.nest))")
        },
        Act(
            route: "POST /channels/{channel_id}/messages/bulk-delete", action: "message.bulk_delete",
            fields: ["count", "author_ids", "message_ids"]
        ) { scene in
            let ids = [
                try await scene.carol.says("1", in: scene.nest.general).text("id"),
                try await scene.dave.says("2", in: scene.nest.general).text("id"),
            ]
            return Deed("\(scene.general)/messages/bulk-delete", ["message_ids": .array(ids.map { .string($0) })])
        },
        Act(
            route: "DELETE /channels/{channel_id}/messages/{message_id}", action: "message.delete",
            fields: ["channel_id", "author_id"]
        ) { scene in Deed(try await scene.message(of: scene.carol)) },
        Act(
            route: "DELETE /channels/{channel_id}/messages/{message_id}/reactions", action: "reactions.clear",
            hasBefore: true, fields: ["channel_id", "reactions"]
        ) { scene in
            let message = try await scene.message(of: scene.carol)
            try await scene.dave.does(.PUT, "\(message)/reactions/\(StockedServer.thumb)")
            return Deed("\(message)/reactions")
        },
        Act(
            route: "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}",
            action: "reaction.remove", hasBefore: true, fields: ["channel_id", "user_id", "emoji"]
        ) { scene in
            let message = try await scene.message(of: scene.carol)
            try await scene.dave.does(.PUT, "\(message)/reactions/\(StockedServer.thumb)")
            return Deed("\(message)/reactions/\(StockedServer.thumb)/\(scene.dave.id)")
        },
        Act(
            route: "PUT /channels/{channel_id}/pins/{message_id}", action: "message.pin", hasBefore: true,
            fields: ["channel_id", "author_id"]
        ) { scene in
            Deed(try await scene.message(of: scene.carol).replacing("/messages/", with: "/pins/"))
        },
        Act(
            route: "DELETE /channels/{channel_id}/pins/{message_id}", action: "message.unpin", hasBefore: true,
            fields: ["channel_id", "author_id"]
        ) { scene in
            let pin = try await scene.message(of: scene.carol).replacing("/messages/", with: "/pins/")
            try await scene.alice.does(.PUT, pin)
            return Deed(pin)
        },
        Act(route: "DELETE /polls/{poll_id}", action: "message.delete", fields: ["author_id"]) { scene in
            Deed(try await scene.poll(of: scene.carol))
        },
        Act(
            route: "POST /polls/{poll_id}/close", action: "poll.close", hasBefore: false,
            fields: ["channel_id", "author_id", "poll_id", "votes", "closed_at"]
        ) { scene in Deed("\(try await scene.poll(of: scene.carol))/close") },
        Act(route: "PATCH /threads/{channel_id}", action: "thread.update", hasBefore: true) { scene in
            Deed("/threads/\(try await scene.thread(of: scene.carol))", ["name": "aside"])
        },
        Act(route: "PATCH /threads/{channel_id}", action: "thread.member_add", hasBefore: true, fields: ["user_id"]) {
            scene in
            Deed("/threads/\(try await scene.thread(of: scene.carol))", ["add_members": [.string(scene.dave.id)]])
        },
        Act(
            route: "PATCH /threads/{channel_id}", action: "thread.member_remove", hasBefore: true, fields: ["user_id"]
        ) { scene in
            Deed("/threads/\(try await scene.thread(of: scene.carol))", ["remove_members": [.string(scene.carol.id)]])
        },
        Act(
            route: "PUT /threads/{channel_id}/members/{user_id}", action: "thread.member_add", hasBefore: true,
            fields: ["user_id"]
        ) { scene in Deed("/threads/\(try await scene.thread(of: scene.carol))/members/\(scene.dave.id)") },
        Act(
            route: "DELETE /threads/{channel_id}/members/{user_id}", action: "thread.member_remove", hasBefore: true,
            fields: ["user_id"]
        ) { scene in Deed("/threads/\(try await scene.thread(of: scene.carol))/members/\(scene.carol.id)") },
        Act(
            route: "DELETE /threads/{channel_id}", action: "thread.delete", hasBefore: true,
            fields: ["name", "owner_id", "message_count"]
        ) { scene in Deed("/threads/\(try await scene.thread(of: scene.carol))") },
        Act(route: "POST /servers/{server_id}/emojis", action: "emoji.create") {
            .picture("\($0.path)/emojis", field: "image", ["name": "party"])
        },
        Act(route: "PATCH /servers/{server_id}/emojis/{emoji_id}", action: "emoji.update", hasBefore: true) { scene in
            let id = try await EmojiTests.add("dance", to: scene.nest, scene.server)
            return Deed("\(scene.path)/emojis/\(id)", ["name": "jig"])
        },
        Act(route: "DELETE /servers/{server_id}/emojis/{emoji_id}", action: "emoji.delete", hasBefore: true) { scene in
            Deed("\(scene.path)/emojis/\(try await EmojiTests.add("short", to: scene.nest, scene.server))")
        },
        Act(route: "POST /servers/{server_id}/stickers", action: "sticker.create") {
            .picture("\($0.path)/stickers", field: "image", ["name": "wave"])
        },
        Act(route: "PATCH /servers/{server_id}/stickers/{sticker_id}", action: "sticker.update", hasBefore: true) {
            scene in
            let id = try await StickerTests.add("dance", to: scene.nest.id, scene.server)
            return Deed("\(scene.path)/stickers/\(id)", ["name": "jig"])
        },
        Act(route: "DELETE /servers/{server_id}/stickers/{sticker_id}", action: "sticker.delete", hasBefore: true) {
            scene in
            Deed("\(scene.path)/stickers/\(try await StickerTests.add("short", to: scene.nest.id, scene.server))")
        },
        Act(route: "POST /servers/{server_id}/sounds", action: "sound.create") {
            .sound("\($0.path)/sounds", field: "sound", ["name": "quack"])
        },
        Act(route: "PATCH /servers/{server_id}/sounds/{sound_id}", action: "sound.update", hasBefore: true) { scene in
            let id = try await SoundboardTests.add("quack", to: scene.nest.id, scene.server)
            return Deed("\(scene.path)/sounds/\(id)", ["name": "honk"])
        },
        Act(route: "DELETE /servers/{server_id}/sounds/{sound_id}", action: "sound.delete", hasBefore: true) { scene in
            Deed("\(scene.path)/sounds/\(try await SoundboardTests.add("short", to: scene.nest.id, scene.server))")
        },
        Act(route: "POST /servers/{server_id}/events", action: "event.create", fields: ["name", "starts_at"]) { scene in
            let start = scene.alice.server.clock.now().seconds + 600
            return Deed(
                "\(scene.path)/events",
                ["name": "x", "location": "y", "starts_at": .integer(start), "ends_at": .integer(start + 60)])
        },
        Act(
            route: "PATCH /servers/{server_id}/events/{event_id}", action: "event.update", hasBefore: true
        ) { scene in Deed(try await scene.alice.plans(in: scene.nest).path, ["name": "new"]) },
        Act(
            route: "DELETE /servers/{server_id}/events/{event_id}", action: "event.delete", hasBefore: true,
            fields: ["name", "starts_at"]
        ) { scene in Deed(try await scene.alice.plans(in: scene.nest).path) },
        Act(
            route: "PUT /servers/{server_id}/events/{event_id}/occurrences/{starts_at}", action: "event.update",
            hasBefore: true, fields: ["cancelled"]
        ) { scene in
            let plan = try await scene.alice.plans(in: scene.nest, ["recurrence": ["frequency": "daily"]])
            return Deed("\(plan.path)/occurrences/\(plan.start)", ["cancelled": true])
        },
        Act(
            route: "POST /servers/{server_id}/events/{event_id}/image", action: "event.update", fields: ["image_url"]
        ) { scene in
            .picture("\(try await scene.alice.plans(in: scene.nest).path)/image", field: "image")
        },
        Act(
            route: "DELETE /servers/{server_id}/events/{event_id}/image", action: "event.update", hasBefore: true,
            fields: ["image_url"]
        ) { scene in
            let plan = try await scene.alice.plans(in: scene.nest)
            let drawing = try await SampleFiles.bytes("drawing.png")
            _ = try await scene.alice.sends(drawing, named: "a.png", to: "\(plan.path)/image", field: "image")
            return Deed("\(plan.path)/image")
        },
        Act(route: "POST /webhooks", action: "webhook.create", fields: ["name"]) {
            Deed("/webhooks", ["channel_id": .string($0.nest.general), "name": "new"])
        },
        Act(route: "PATCH /webhooks/{webhook_id}", action: "webhook.update", hasBefore: true) { scene in
            Deed("/webhooks/\(try await scene.webhook(of: scene.alice).text("id"))", ["name": "line"])
        },
        Act(route: "DELETE /webhooks/{webhook_id}", action: "webhook.delete", hasBefore: true) { scene in
            Deed("/webhooks/\(try await scene.webhook(of: scene.alice).text("id"))")
        },
        Act(
            route: "POST /webhooks/{webhook_id}/regenerate-token", action: "webhook.update", hasBefore: true,
            fields: ["token"]
        ) { scene in Deed("/webhooks/\(try await scene.webhook(of: scene.alice).text("id"))/regenerate-token") },
        Act(route: "PUT /servers/{server_id}/bots/{application_id}", action: "bot.add") { scene in
            Deed("\(scene.path)/bots/\(try await scene.bob.makesBot().application)")
        },
        Act(route: "POST /avatars/servers/{server_id}", action: "server.update", fields: ["icon_url"]) {
            .picture("/avatars\($0.path)", field: "file")
        },
        Act(route: "DELETE /avatars/servers/{server_id}", action: "server.update", hasBefore: true) {
            Deed("/avatars\($0.path)")
        },
        Act(route: "POST /servers/{server_id}/icon", action: "server.update", fields: ["icon_url"]) {
            .picture("\($0.path)/icon", field: "file")
        },
        Act(route: "PUT /servers/{server_id}/welcome-screen", action: "welcome.update", fields: ["enabled"]) {
            Deed("\($0.path)/welcome-screen", ["enabled": true, "description": "Hello"])
        },
        Act(route: "DELETE /servers/{server_id}/welcome-screen", action: "welcome.update", hasBefore: true) {
            Deed("\($0.path)/welcome-screen")
        },
        Act(route: "PUT /servers/{server_id}/rules", action: "rules.update", hasBefore: true, fields: ["rules"]) {
            Deed("\($0.path)/rules", ["enabled": false, "rules": ["Be kind"]])
        },
        Act(
            route: "PUT /servers/{server_id}/onboarding", action: "onboarding.update", hasBefore: true,
            fields: ["questions"]
        ) {
            Deed("\($0.path)/onboarding", ["enabled": true, "questions": [["title": "Why?"]]])
        },
        Act(route: "PUT /servers/{server_id}/discovery", action: "discovery.update", fields: ["summary", "status"]) {
            Deed(
                "\($0.path)/discovery",
                ["enabled": true, "summary": "A place for everybody", "category": "community"])
        },
        Act(route: "POST /servers/{server_id}/templates", action: "template.create", fields: ["name"]) {
            Deed("\($0.path)/templates", ["name": "Pattern"])
        },
        Act(route: "PUT /servers/{server_id}/templates/{code}", action: "template.update", hasBefore: true) { scene in
            Deed(try await template(scene))
        },
        Act(route: "PATCH /servers/{server_id}/templates/{code}", action: "template.update", hasBefore: true) { scene in
            Deed(try await template(scene), ["name": "Other"])
        },
        Act(route: "DELETE /servers/{server_id}/templates/{code}", action: "template.delete", hasBefore: true) {
            scene in
            Deed(try await template(scene))
        },
        Act(route: "PATCH /servers/{server_id}/widget", action: "widget.update", hasBefore: true) {
            Deed("\($0.path)/widget", ["enabled": true])
        },
        Act(
            route: "DELETE /servers/{server_id}/members/{user_id}", action: "member.kick", hasBefore: true,
            fields: ["joined_at"]
        ) { Deed($0.member($0.carol)) },
        Act(route: "PUT /servers/{server_id}/bans/{user_id}", action: "member.ban", fields: ["delete_message_days"]) {
            Deed("\($0.path)/bans/\($0.dave.id)", ["reason": "one", "delete_message_days": 1])
        },
        Act(route: "PUT /servers/{server_id}/bans/{user_id}", action: "member.ban", hasBefore: true, fields: ["reason"])
        {
            Deed("\($0.path)/bans/\($0.dave.id)", ["reason": "two"])
        },
        Act(route: "DELETE /servers/{server_id}/bans/{user_id}", action: "member.unban", hasBefore: true) {
            Deed("\($0.path)/bans/\($0.dave.id)")
        },
    ]

    /// A template of the server, as a path.
    private static func template(_ scene: StockedServer) async throws -> String {
        let path = "\(scene.path)/templates"
        if let code = try await scene.alice.does(.GET, path)[0]?["code"]?.string { return "\(path)/\(code)" }
        return "\(path)/\(try await scene.alice.does(.POST, path, ["name": "Mine"]).text("code"))"
    }

    @Test("each route that can change a server has its entry, or a reason for none")
    func completeness() {
        let known = Set(Self.silent.keys).union(Self.acts.map(\.route)).union([Self.transfer])
        #expect(DeclaredRoutes.changingServers.subtracting(known).sorted() == [], "place them here")
        #expect(known.subtracting(DeclaredRoutes.changingServers).sorted() == [], "they are gone")
        #expect(Set(Self.silent.keys).isDisjoint(with: Self.acts.map(\.route)))
    }

    private static let transfer = "POST /servers/{server_id}/transfer"

    @Test(
        "every act on the things of others stands in the audit log, with what was before",
        arguments: DatabaseKind.allCases)
    func acts(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            for act in Self.acts {
                let deed = try await act.deed(scene)
                #expect(deed.belongs(to: act.route), "\(act.route)")
                let before = try await Self.newest(scene)
                let reply = try await scene.bob.does(deed, at: act.route)
                guard (200..<300).contains(reply.status) else {
                    Issue.record("\(act.route): \(reply.text)")
                    continue
                }
                let entries = try await Self.entries(since: before, scene)
                #expect(entries.column("action") == [act.action], "\(act.route)")
                let entry = entries[0]
                #expect(entry?["user_id"]?.string == scene.bob.id, "\(act.route)")
                Self.check(entry?["changes"]?.object ?? [:], act)
            }
            let before = try await Self.newest(scene)
            try await scene.alice.does(
                .POST, "\(scene.path)/transfer",
                ["user_id": .string(scene.bob.id), "password": .string(Person.password)])
            let entries = try await scene.bob.does(.GET, "\(scene.path)/audit-logs?limit=1")
            #expect(entries[0]?["id"]?.string != before)
            #expect(entries[0]?["changes"]?["owner_id"]?["before"]?.string == scene.alice.id)
            #expect(entries[0]?["changes"]?["owner_id"]?["after"]?.string == scene.bob.id)
        }
    }

    private static func check(_ changes: [String: JSON], _ act: Act) {
        #expect(act.fields.isSubset(of: changes.keys), "\(act.route): \(changes.keys.sorted())")
        guard act.hasBefore else { return }
        let isSaid = changes.values.contains { ($0["before"] ?? .null) != .null }
        #expect(isSaid, "\(act.route) says nothing of before: \(changes)")
    }

    private static func newest(_ scene: StockedServer) async throws -> String? {
        try await scene.alice.does(.GET, "\(scene.path)/audit-logs?limit=1")[0]?["id"]?.string
    }

    private static func entries(since id: String?, _ scene: StockedServer) async throws -> JSON {
        let log = try await scene.alice.does(.GET, "\(scene.path)/audit-logs?limit=100").array ?? []
        return .array(Array(log.prefix { $0["id"]?.string != id }))
    }

    @Test("what one does to one's own things is no entry", arguments: DatabaseKind.allCases)
    func own(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let carol = scene.carol
            let message = try await scene.message(of: carol)
            let thread = try await scene.thread(of: carol)
            let poll = try await scene.poll(of: carol)
            let before = try await Self.newest(scene)
            try await carol.does(.PUT, "\(message)/reactions/\(StockedServer.thumb)")
            try await carol.does(.DELETE, "\(message)/reactions/\(StockedServer.thumb)/\(carol.id)")
            try await carol.does(.PATCH, "/threads/\(thread)", ["remove_members": [.string(carol.id)]])
            try await carol.does(.POST, "\(poll)/close")
            try await carol.does(.DELETE, message)
            #expect(try await Self.newest(scene) == before)
        }
    }
}

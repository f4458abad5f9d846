import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Files that are served")
struct ServedFileTests {
    @Test("each can be had in part, and is not sent again to who has it", arguments: DatabaseKind.allCases)
    func everyRoute(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let files = try await Self.files(of: scene)
            let declared = scene.server.document.operations.filter { $0.statuses.contains("416") }
            #expect(Set(files.keys) == Set(declared.map(\.path)), "each route of a file has one here")
            for (route, address) in files {
                let fetch = { (headers: HTTPHeaders) in
                    try await scene.server.fetch(address, token: scene.alice.token, headers: headers)
                }
                let whole = try await fetch([:])
                #expect(whole.status == 200 && whole.body.count > 3, "\(route)")
                let part = try await fetch(["range": "bytes=1-2"])
                #expect(part.status == 206 && part.body == Array(whole.body[1...2]), "\(route)")
                let connection = try await HTTPConnection.connect(port: scene.server.port)
                let head = try await connection.send(
                    .HEAD, address,
                    headers: ["range": "bytes=1-2", "authorization": "Bearer \(scene.alice.token)"])
                await connection.close()
                #expect(head.status == 200 && head.body.isEmpty, "\(route): HEAD has no parts")
                #expect(head.headers["content-length"] == ["\(whole.body.count)"], "\(route)")
                let beyond = try await fetch(["range": "bytes=\(whole.body.count)-"])
                #expect(beyond.outcome == "416 Range not satisfiable", "\(route)")
                let known = try await fetch(["if-none-match": try #require(whole.headers.first(name: "etag"))])
                #expect(known.status == 304 && known.body == [], "\(route)")
            }
        }
    }

    /// The address of a file for each route that serves some.
    private static func files(of scene: EventTests.Scene) async throws -> [String: String] {
        let (alice, nest) = (scene.alice, scene.nest)
        let drawing = try await SampleFiles.bytes("drawing.png")
        let attachment = try await alice.uploads(drawing, named: "drawing.png", to: nest.general)
        let emoji = try await alice.sends(
            drawing, named: "a.png", to: "/servers/\(nest.id)/emojis", field: "image", ["name": "party"])
        let sticker = try await StickerTests.make("wave", in: nest.id, by: alice)
        let sound = try await SoundboardTests.make("quack", in: nest.id, by: alice)
        try await alice.says(try await LinkPreviewTests.page("/page?served"), in: nest.general)
        let shown = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"]?["embeds"]?[0]?["thumbnail"]
        let transcripts = "/channels/\(nest.general)/messages/export"
        let transcript = try await alice.does(.POST, transcripts, ["format": "txt"])
        let export = try await alice.does(.POST, "/users/@me/data-export")
        _ = try await BackgroundTests.result(of: transcript, transcripts, for: alice)
        _ = try await BackgroundTests.result(of: export, "/users/@me/data-export", for: alice)
        _ = try await alice.sends(drawing, named: "a.png", to: "/users/@me/banner")
        let plan = try await alice.plans(in: nest)
        let above = try await alice.sends(drawing, named: "a.png", to: "\(plan.path)/image", field: "image")
        return [
            "/media/events/{event_id}": try above.json.text("image_url"),
            "/servers/{server_id}/events/{event_id}/calendar.ics": "/api/v1\(plan.path)/calendar.ics",
            "/banners/users/{user_id}": "/api/v1/banners/users/\(alice.id)",
            "/avatars/users/{user_id}": "/api/v1/avatars/users/\(alice.id)",
            "/avatars/servers/{server_id}": "/api/v1/avatars/servers/\(nest.id)",
            "/channels/{channel_id}/messages/export/{job_id}/download":
                "/api/v1\(transcripts)/\(try transcript.text("id"))/download",
            "/media/attachments/{attachment_id}/{filename}": try attachment.text("url"),
            "/media/emojis/{emoji_id}": try emoji.json.text("url"),
            "/media/stickers/{sticker_id}": try sticker.text("url"),
            "/media/sounds/{sound_id}": try sound.text("url"),
            "/media/previews/{picture_key}": try #require(shown).text("url"),
            "/users/@me/data-export/{export_id}/download":
                "/api/v1/users/@me/data-export/\(try export.text("id"))/download",
        ]
    }
}

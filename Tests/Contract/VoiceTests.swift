import Client
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import Testing

/// Who is in which voice channel, what others are told of it, and what devices say to each other.
@Suite("Voice channels")
struct VoiceTests {
    /// Somebody with a connection, in a server with a voice channel.
    struct Speaker: Sendable {
        let person: Person
        let listener: Listener
        let channel: String

        func says(op: Int64, _ data: [String: JSON]) async throws {
            try await listener.socket.send(["op": .integer(op), "d": .object(data)])
        }

        /// Takes a place and hears of it.
        @discardableResult
        func takesPlace(_ choice: [String: JSON] = [:]) async throws -> JSON {
            try await says(op: 4, choice.merging(["channel_id": .string(channel)]) { $1 })
            return try await listener.hears("VOICE_STATE_UPDATE")["d"] ?? .null
        }

        /// Opens the media of a device that can encrypt, and hears who is there.
        @discardableResult
        func connects(device: String = "phone") async throws -> JSON {
            try await says(
                op: 20,
                [
                    "channel_id": .string(channel), "device_id": .string(device),
                    "public_key": .string(VoiceEncryptionTests.key),
                ])
            try await listener.hears("VOICE_SERVER_UPDATE")
            return try await listener.hears("VOICE_EPOCH")["d"] ?? .null
        }

        /// The error that comes next.
        func fails() async throws -> String {
            let error = try await listener.hears("VOICE_ERROR")["d"] ?? .null
            return "\(error["op"]?.integer ?? 0): \(error["code"]?.integer ?? 0) \(error["message"]?.string ?? "")"
        }

        func hearsOfState() async throws -> JSON { try await listener.hears("VOICE_STATE_UPDATE")["d"] ?? .null }
    }

    static func voiceChannel(of nest: Community) async throws -> String {
        let channels = try await nest.owner.does(.GET, "/servers/\(nest.id)/channels")
        let voice = try #require(channels.array?.first { $0["channel_type"] == "voice" })
        return try voice.text("id")
    }

    /// The owner of a server and its first member, both connected.
    static func pair(_ server: TestServer) async throws -> (alice: Speaker, bob: Speaker, nest: Community) {
        let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
        let nest = try await alice.foundsServer()
        try await bob.joins(nest)
        let channel = try await voiceChannel(of: nest)
        return (
            Speaker(person: alice, listener: try await alice.listens(), channel: channel),
            Speaker(person: bob, listener: try await bob.listens(), channel: channel), nest
        )
    }

    @Test("who takes a place is seen by all who see the channel", arguments: DatabaseKind.allCases)
    func taking(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let state = try await alice.takesPlace(["self_mute": true])
            #expect(try await bob.hearsOfState() == state)
            #expect(state["user_id"] == .string(alice.person.id))
            #expect(state["channel_id"] == .string(alice.channel))
            #expect(state["server_id"] == .string(nest.id))
            #expect(
                [state["self_mute"], state["self_deaf"], state["mute"], state["suppress"]] == [
                    true, false, false, false,
                ])
            #expect(state["joined_at"] == .integer(server.clock.now().seconds))
            #expect(try await bob.person.does(.GET, "/channels/\(alice.channel)/voice-states") == [state])
            let ready = try await Listener(socket: GatewaySocket.open(port: server.port)).identify(
                token: bob.person.token)
            #expect(ready["d"]?["servers"]?[0]?["voice_states"] == [state])

            try await alice.says(op: 4, ["channel_id": .string(alice.channel), "self_mute": false])
            let changed = try await bob.hearsOfState()
            #expect(changed["self_mute"] == false && changed["session_id"] == state["session_id"])

            try await alice.says(op: 4, ["channel_id": .null])
            let left = try await bob.hearsOfState()
            #expect(left["channel_id"] ?? .null == .null && left["user_id"] == .string(alice.person.id))
            #expect(try await bob.person.does(.GET, "/channels/\(alice.channel)/voice-states") == [])
        }
    }

    @Test("what may not be is said, and the connection stays", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let eve = try await server.person("eve")
            let stranger = Speaker(person: eve, listener: try await eve.listens(), channel: alice.channel)
            try await stranger.says(op: 4, ["channel_id": .string(alice.channel)])
            #expect(try await stranger.fails() == "4: 403 Access denied")
            try await bob.says(op: 4, ["channel_id": .string(nest.general)])
            #expect(try await bob.fails() == "4: 400 Invalid input")
            try await bob.says(op: 4, ["channel_id": "1"])
            #expect(try await bob.fails() == "4: 404 Channel not found")
            for op: Int64 in [20, 21, 25] {
                try await bob.says(
                    op: op, ["channel_id": .string(bob.channel), "device_id": "d", "speaking": 1])
                #expect(try await bob.fails() == "\(op): 400 Invalid input", "before a place is taken")
            }
            let signal: [String: JSON] = [
                "channel_id": .string(bob.channel), "pc": .string(alice.person.id), "sdp": "v=0", "generation": 1,
            ]
            try await bob.takesPlace()
            try await bob.says(op: 22, signal)
            #expect(try await bob.fails() == "22: 400 Invalid input", "before the media are open")
            try await bob.connects()
            try await bob.says(op: 22, signal)
            #expect(try await bob.fails() == "22: 404 User not found", "to somebody who is not there")
            try await bob.says(op: 22, signal.merging(["pc": "pub"]) { $1 })
            #expect(try await bob.fails() == "22: 400 Invalid input", "to a server that there is not")

            let everyone = try await alice.person.everyoneRole(of: nest)
            try await alice.person.does(
                .PUT, "/channels/\(alice.channel)/overwrites/\(everyone)", ["type": "role", "deny": ["voice.connect"]])
            #expect(try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] ?? .null == .null)
            try await bob.says(op: 4, ["channel_id": .string(bob.channel)])
            let refused = try await bob.listener.awaits("VOICE_ERROR")["d"]
            #expect(refused?["message"] == "Permission denied")
            #expect(String(decoding: (refused ?? .null).jsonBytes, as: UTF8.self).contains("voice.connect"))
        }
    }

    @Test("devices in the same room speak with each other, and nobody else hears it", arguments: DatabaseKind.allCases)
    func signalling(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let bystander = try await bob.person.listens()
            try await alice.takesPlace()
            let alone = try await alice.connects(device: "desk")
            #expect(alone["cause"] == "join" && alone["roster"]?.count == 1)
            _ = try await bob.hearsOfState()
            try await bob.takesPlace()
            let both = try await bob.connects()
            _ = try await alice.hearsOfState()
            #expect(try await alice.listener.hears("VOICE_EPOCH")["d"] == both)
            #expect(both["roster"]?.array?.compactMap { $0["device_id"]?.string } == ["desk", "phone"])
            #expect(try #require(both["epoch"]?.integer) > (try #require(alone["epoch"]?.integer)))

            try await bob.says(
                op: 22,
                [
                    "channel_id": .string(bob.channel), "pc": .string(alice.person.id), "sdp": "v=0 offer",
                    "streams": [["mid": "0", "kind": "mic"]], "generation": 3,
                ])
            let offer = try await alice.listener.next(op: 22)["d"]
            #expect(offer?["pc"] == .string(bob.person.id) && offer?["sdp"] == "v=0 offer" && offer?["generation"] == 3)
            #expect(offer?["streams"]?[0] == ["mid": "0", "kind": "mic", "user_id": .string(bob.person.id)])
            try await alice.says(
                op: 23,
                [
                    "channel_id": .string(bob.channel), "pc": .string(bob.person.id), "sdp": "v=0 answer",
                    "generation": 3,
                ])
            #expect(try await bob.listener.next(op: 23)["d"]?["sdp"] == "v=0 answer")
            try await alice.says(
                op: 24,
                [
                    "channel_id": .string(bob.channel), "pc": .string(bob.person.id), "candidate": "candidate:1",
                    "sdp_mid": "0", "sdp_mline_index": 0, "generation": 3,
                ])
            #expect(try await bob.listener.next(op: 24)["d"]?["candidate"] == "candidate:1")
            try await alice.says(op: 25, ["channel_id": .string(bob.channel), "speaking": 5])
            let speaking = try await bob.listener.next(op: 25)["d"]
            #expect(speaking?["user_id"] == .string(alice.person.id) && speaking?["speaking"] == 5)
            try await alice.says(
                op: 27,
                [
                    "channel_id": .string(bob.channel), "epoch": both["epoch"] ?? .null,
                    "keys": [["user_id": .string(bob.person.id), "device_id": "phone", "sealed": "c2VhbGVk"]],
                ])
            let key = try await bob.listener.next(op: 27)["d"]
            #expect(key?["sealed"] == "c2VhbGVk" && key?["from_device_id"] == "desk")

            try await alice.says(op: 21, ["channel_id": .string(bob.channel)])
            let left = try await bob.listener.awaits("VOICE_EPOCH")["d"]
            #expect(left?["cause"] == "leave" && left?["roster"]?.count == 1)
            // Another window of the same person was told of states alone.
            try await bob.person.says("marker", in: nest.general)
            while true {
                let heard = try await bystander.socket.next(timeout: .seconds(60))
                #expect(heard["op"] != 22 && heard["op"] != 25 && heard["op"] != 27)
                #expect(!["VOICE_EPOCH", "VOICE_SERVER_UPDATE"].contains(heard["t"]?.string))
                if heard["t"] == "MESSAGE_CREATE" { break }
            }
        }
    }

    @Test("a channel takes as many as it may, and no more", arguments: DatabaseKind.allCases)
    func limits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let path = "/channels/\(alice.channel)"
            let changed = try await alice.person.does(.PATCH, path, ["user_limit": 1, "bitrate": 32_000])
            #expect(changed["user_limit"] == 1 && changed["bitrate"] == 32_000 && changed["video_limit"] == 25)
            for (field, value): (String, JSON) in [("user_limit", 100), ("bitrate", 7999), ("video_limit", -1)] {
                #expect(try await alice.person.outcome(.PATCH, path, .object([field: value])) == "400 Invalid input")
            }
            let text = try await alice.person.outcome(.PATCH, "/channels/\(nest.general)", ["user_limit": 1])
            #expect(text == "400 Invalid input")
            try await alice.says(op: 4, ["channel_id": .string(alice.channel)])
            try await alice.listener.awaits("VOICE_STATE_UPDATE")
            try await bob.says(op: 4, ["channel_id": .string(bob.channel)])
            let refused = try await bob.listener.awaits("VOICE_ERROR")["d"]
            #expect(refused?["message"] == "Channel is full" && refused?["code"] == 403)
            let info = try await alice.person.does(.GET, "/voice/channels/\(alice.channel)/info")
            #expect(info["bitrate"] == 32_000 && info["user_limit"] == 1 && info["mode"] == "mesh")
            #expect(try await bob.person.outcome(.GET, "/voice/channels/\(alice.channel)/info") == "403 Access denied")
            try await alice.person.does(.PATCH, path, ["user_limit": 0])
            try await bob.says(op: 4, ["channel_id": .string(bob.channel)])
            #expect(try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["user_id"] == .string(bob.person.id))
            for name in ["carol", "dave", "erin"] {
                let person = try await server.person(name)
                try await person.joins(nest)
                let speaker = Speaker(person: person, listener: try await person.listens(), channel: alice.channel)
                try await speaker.says(op: 4, ["channel_id": .string(alice.channel)])
                if name == "erin" { #expect(try await speaker.fails() == "4: 403 Channel is full") }
                if name != "erin" { #expect(try await speaker.hearsOfState()["user_id"] == .string(person.id)) }
            }
        }
    }

    @Test("moderators mute, deafen, move and remove whom they may", arguments: DatabaseKind.allCases)
    func moderation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let path = "/servers/\(nest.id)/voice-states/\(bob.person.id)"
            #expect(try await alice.person.outcome(.PATCH, path, ["mute": true]) == "400 Invalid input")
            try await bob.takesPlace()
            let own = "/servers/\(nest.id)/voice-states/\(alice.person.id)"
            #expect(try await bob.person.outcome(.PATCH, own, ["mute": true]) == "400 Invalid input")
            let muted = try await alice.person.does(.PATCH, path, ["mute": true, "deaf": true])
            #expect(muted["mute"] == true && muted["deaf"] == true)
            let told = try await bob.hearsOfState()
            #expect(told["mute"] == true && told["self_mute"] == false)
            #expect(try await bob.person.outcome(.PATCH, path, ["mute": false]) == "403 Permission denied")
            // It stays when they go and come back.
            try await bob.says(op: 4, ["channel_id": .null])
            _ = try await bob.hearsOfState()
            #expect(try await bob.takesPlace()["mute"] == true)

            let other = try await alice.person.opensChannel("other", in: nest, ["type": "voice"])
            let moved = try await alice.person.does(.PATCH, path, ["channel_id": .string(other)])
            #expect(moved["channel_id"] == .string(other))
            let hidden = try await alice.person.opensChannel("hidden", in: nest, ["type": "voice"])
            try await alice.person.closes(hidden, in: nest)
            #expect(
                try await alice.person.outcome(.PATCH, path, ["channel_id": .string(hidden)]) == "400 Invalid input",
                "nobody is brought to what they do not see")
            #expect(
                try await alice.person.outcome(.PATCH, path, ["channel_id": .string(nest.general)])
                    == "400 Invalid input")
            // Who does not see where somebody is learns no more than of somebody who is nowhere.
            let guide = try await server.person("guide")
            try await guide.joins(nest)
            let nobody = try await guide.send(
                .PATCH, "/servers/\(nest.id)/voice-states/\(alice.person.id)", ["mute": true])
            try await alice.person.closes(other, in: nest, but: [])
            try await alice.person.does(
                .PUT, "/channels/\(other)/overwrites/\(bob.person.id)", ["type": "member", "allow": ["channels.view"]])
            try await bob.says(op: 4, ["channel_id": .string(other)])
            while try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] != .string(other) {}
            #expect(try await guide.send(.PATCH, path, ["mute": true]).body == nobody.body)
            try await alice.person.does(.PATCH, path, ["channel_id": .null])
            #expect(try await alice.person.does(.GET, "/channels/\(other)/voice-states") == [])
            let log = try await alice.person.does(.GET, "/servers/\(nest.id)/audit-logs")
            let actions = (log["entries"] ?? log).array?.compactMap { $0["action"]?.string } ?? []
            #expect(Set(actions).isSuperset(of: ["member.voice_update", "member.move", "member.disconnect"]))
        }
    }

    @Test("who loses sight, is removed or is gone for good leaves at once", arguments: DatabaseKind.allCases)
    func losing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            try await bob.takesPlace()
            try await alice.person.closes(bob.channel, in: nest)
            let left = try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]
            #expect(left?["channel_id"] ?? .null == .null)
            #expect(try await alice.person.does(.GET, "/channels/\(bob.channel)/voice-states") == [])

            let other = try await alice.person.opensChannel("other", in: nest, ["type": "voice"])
            let again = Speaker(person: bob.person, listener: bob.listener, channel: other)
            try await again.says(op: 4, ["channel_id": .string(other)])
            #expect(try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] == .string(other))
            try await alice.person.does(.DELETE, "/channels/\(other)")
            #expect(try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] ?? .null == .null)

            let third = try await alice.person.opensChannel("third", in: nest, ["type": "voice"])
            try await again.says(op: 4, ["channel_id": .string(third)])
            #expect(try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] == .string(third))
            try await alice.person.does(.DELETE, "/servers/\(nest.id)/members/\(bob.person.id)")
            #expect(try await alice.person.does(.GET, "/channels/\(third)/voice-states") == [])
        }
    }

    @Test(
        "a place is kept for a session that is resumed, and ends with one that is not", arguments: DatabaseKind.allCases
    )
    func keeping(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, _) = try await Self.pair(server)
            let socket = try await GatewaySocket.open(port: server.port)
            let listener = Listener(socket: socket)
            let ready = try await listener.identify(token: bob.person.token)
            let speaker = Speaker(person: bob.person, listener: listener, channel: bob.channel)
            try await speaker.takesPlace()
            let connected = try await speaker.connects()
            #expect(connected["roster"]?.count == 1)
            let place = try await alice.hearsOfState()
            await socket.disconnect()
            let absence = Absence(
                person: bob.person, session: try (ready["d"] ?? .null).text("session_id"),
                sequence: ready["s"]?.integer ?? -1)
            server.clock.advance(by: .seconds(25))
            let back = try await bob.person.returns(from: absence)
            #expect(back.data(of: "VOICE_STATE_UPDATE") == [place])
            let returned = Speaker(person: bob.person, listener: back.listener, channel: bob.channel)
            #expect(try await returned.connects()["roster"]?.count == 1, "what is told to the device alone reaches it")
            server.clock.advance(by: .seconds(60))
            try await returned.says(op: 4, ["channel_id": .string(bob.channel), "self_deaf": true])
            #expect(try await alice.hearsOfState()["self_deaf"] == true, "a connection that is there keeps its place")

            await back.listener.socket.disconnect()
            try await bob.person.does(.GET, "/channels/\(bob.channel)/voice-states")
            server.clock.advance(by: .seconds(60))
            let gone = try await alice.hearsOfState()
            #expect(gone["channel_id"] ?? .null == .null)
        }
    }

    @Test("who asks for a place and is gone before the answer leaves nobody behind", arguments: DatabaseKind.allCases)
    func vanishing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, _) = try await Self.pair(server)
            try await bob.says(op: 4, ["channel_id": .string(bob.channel)])
            await bob.listener.socket.disconnect()
            #expect(try await alice.hearsOfState()["channel_id"] == .string(bob.channel))
            server.clock.advance(by: .seconds(60))
            #expect(try await alice.hearsOfState()["channel_id"] ?? .null == .null)
        }
    }

    @Test("one is in one channel at a time, with the device that came last", arguments: DatabaseKind.allCases)
    func devices(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await Self.pair(server)
            let first = try await bob.takesPlace()
            // Sessions of a login are told apart by when they began.
            server.clock.advance(by: .seconds(1))
            let second = Speaker(person: bob.person, listener: try await bob.person.listens(), channel: bob.channel)
            try await second.says(op: 4, ["channel_id": .string(bob.channel)])
            let states = [
                try await alice.hearsOfState(), try await alice.hearsOfState(), try await alice.hearsOfState(),
            ]
            #expect(states[0] == first)
            #expect(states[1]["channel_id"] ?? .null == .null)
            #expect(states[2]["session_id"] != first["session_id"])
            try await bob.says(op: 20, ["channel_id": .string(bob.channel), "device_id": "old"])
            #expect(try await bob.listener.awaits("VOICE_ERROR")["d"]?["code"] == 400)
            let other = try await alice.person.opensChannel("other", in: nest, ["type": "voice"])
            try await second.says(op: 4, ["channel_id": .string(other)])
            var heard: [JSON] = []
            while heard.last?["channel_id"] != .string(other) {
                heard.append(try await alice.listener.awaits("VOICE_STATE_UPDATE")["d"] ?? .null)
            }
            #expect(heard.map { $0["channel_id"] ?? .null } == [.null, .string(other)])
            #expect(try await alice.person.does(.GET, "/channels/\(bob.channel)/voice-states") == [])
        }
    }

    @Test("credentials for a relay count for an hour, and are somebody's", arguments: DatabaseKind.allCases)
    func relays(kind: DatabaseKind) async throws {
        let settings = [
            "voice.turn.urls": "turn:turn.example.org:3478, stun:turn.example.org", "voice.turn.secret": "s",
        ]
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let reply = try await alice.does(.GET, "/voice/ice-servers")
            let end = server.clock.now().seconds + 3600
            #expect(reply["expires_at"] == .integer(end))
            #expect(reply["ice_servers"]?[0]?["urls"] == ["stun:turn.example.org"])
            let relay = reply["ice_servers"]?[1]
            #expect(relay?["urls"] == ["turn:turn.example.org:3478"])
            #expect(relay?["username"] == .string("\(end):\(alice.id)"))
            #expect(Data(base64Encoded: relay?["credential"]?.string ?? "")?.count == 20)
            #expect(try await server.outcome(.GET, "/voice/ice-servers") == "401 Authentication required")
        }
    }

    @Test("switched off, there is none", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.voice": "false"]) { server in
            let (alice, _, _) = try await Self.pair(server)
            #expect(try await alice.person.outcome(.GET, "/voice/ice-servers") == "503 Module not available")
            try await alice.says(op: 4, ["channel_id": .string(alice.channel)])
            #expect(try await alice.fails() == "4: 503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["voice"]?["enabled"] == false)
        }
    }
}

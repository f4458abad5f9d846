import Events
import Features
import Janus
import Kernel
import Testing

@testable import Community

@Suite("Voice channels by their rules")
struct VoiceRulesTests {
    private static let channel = Channel(
        id: ChannelID(rawValue: 5), server: ServerID(rawValue: 1), name: "v", type: .voice, position: 0, nsfw: false,
        slowmode_s: 0, createdAt: Timestamp(seconds: 0), voice: VoiceSettings(userLimit: 2, videoLimit: 1))
    private static let member: PermissionSet = [.channelsView, .voiceConnect, .voiceSpeak, .voiceVideo, .voiceStream]

    private static func permissions(_ granted: PermissionSet) -> EffectivePermissions {
        .fixed(granted, for: UserID(rawValue: 7))
    }

    private static func place(_ granted: PermissionSet) -> Place {
        Place(channel: channel, permissions: permissions(granted))
    }

    private static var state: VoiceState {
        VoiceState(
            id: VoiceSessionID(rawValue: 9),
            holder: VoiceState.Holder(user: UserID(rawValue: 7), login: SessionID(rawValue: 8), session: 1),
            server: ServerID(rawValue: 1), channel: channel.id,
            choice: VoiceState.Choice(isMuted: false, isDeafened: false, hasVideo: true, isStreaming: true),
            device: nil, measure: .none, isSuppressed: false, hasPriority: false, wasBrought: false,
            joinedAt: Timestamp(seconds: 0), keptUntil: Timestamp(seconds: 40))
    }

    private static func refusal(_ body: () throws(APIError) -> Void) -> ErrorKind? {
        do throws(APIError) {
            try body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("a channel takes who may connect, as long as there is room")
    func entry() {
        let enterBy = { (mode: VoiceMode, granted: PermissionSet, count: Int, own: VoiceState?) in
            Self.refusal { () throws(APIError) in
                try VoiceRules.requireEntry(Self.place(granted), besides: count, insteadOf: own, by: mode)
            }
        }
        let enter = { (granted: PermissionSet, count: Int, own: VoiceState?) in enterBy(.mesh, granted, count, own) }
        #expect(enter(Self.member, 1, nil) == nil)
        #expect(enter([.channelsView], 0, nil) == .permissionDenied)
        #expect(enter(Self.member, 2, nil) == .channelIsFull)
        #expect(enter(Self.member, 2, Self.state) == nil, "who is there already changes the device")
        #expect(enter(Self.member.union([.voiceMoveMembers]), 2, nil) == nil, "movers pass the limit")
        #expect(enter(Self.member.union([.voiceMoveMembers]), 4, nil) == .channelIsFull, "and not what can be sent")
        #expect(enterBy(.forwarding, Self.member.union([.voiceMoveMembers]), 99, nil) == nil)
        #expect(enterBy(.forwarding, Self.member.union([.voiceMoveMembers]), 100, nil) == .channelIsFull)
    }

    @Test("cameras and screens take rights of their own")
    func choices() {
        let choose = { (granted: PermissionSet, others: [VoiceState]) in
            Self.refusal { () throws(APIError) in
                try VoiceRules.require(Self.state.choice, in: Self.place(granted), besides: others)
            }
        }
        #expect(choose(Self.member, [Self.state(8, in: 1)]) == nil)
        #expect(choose(Self.member.subtracting([.voiceVideo]), []) == .permissionDenied)
        #expect(choose(Self.member.subtracting([.voiceStream]), []) == .permissionDenied)
        #expect(choose(Self.member, [Self.state]) == .channelIsFull, "as many cameras are on as the channel takes")
    }

    @Test("who loses rights loses what they are for")
    func reviews() {
        let review = { (state: VoiceState, granted: PermissionSet) in
            VoiceRules.reviewed(state, in: Self.permissions(granted))
        }
        #expect(review(Self.state, Self.member) == Self.state)
        #expect(review(Self.state, Self.member.subtracting([.channelsView])) == nil)
        #expect(review(Self.state, Self.member.subtracting([.voiceConnect])) == nil)
        var brought = Self.state
        brought.wasBrought = true
        #expect(review(brought, Self.member.subtracting([.voiceConnect])) == brought)
        #expect(review(brought, Self.member.subtracting([.channelsView])) == nil)
        let silent = review(Self.state, [.channelsView, .voiceConnect, .voicePrioritySpeaker])
        #expect(silent?.isSuppressed == true && silent?.hasPriority == true)
        #expect(silent?.choice.hasVideo == false && silent?.choice.isStreaming == false)
    }

    @Test("a relay's credentials are made of its secret, the name and the end")
    func relays() {
        let relay = VoiceRelay(urls: ["turn:t.example.org", "stun:t.example.org"], secret: "north")
        let servers = relay.servers(for: UserID(rawValue: 42), until: Timestamp(seconds: 1_800_003_600))
        #expect(
            servers == [
                ICEServer(urls: ["stun:t.example.org"], username: nil, credential: nil),
                ICEServer(
                    urls: ["turn:t.example.org"], username: "1800003600:42",
                    credential: "BO3esFWbeB5wTZznvrKmpgav3Do="),
            ])
    }

    private static func state(_ number: Int64, in server: Int64) -> VoiceState {
        VoiceState(
            id: VoiceSessionID(rawValue: number),
            holder: VoiceState.Holder(user: UserID(rawValue: number), login: SessionID(rawValue: number), session: 1),
            server: ServerID(rawValue: server), channel: ChannelID(rawValue: server + 1),
            choice: VoiceState.Choice(isMuted: false, isDeafened: false, hasVideo: false, isStreaming: false),
            device: nil, measure: .none, isSuppressed: false, hasPriority: false, wasBrought: false,
            joinedAt: Timestamp(seconds: 0), keptUntil: Timestamp(seconds: 40))
    }

    @Test("what a media server keeps from whom follows from how they are")
    func rules() {
        var state = Self.state
        #expect(state.rule == JanusRoom.Rule(silenced: [], isDeaf: false))
        state.choice.hasVideo = false
        state.choice.isStreaming = false
        #expect(state.rule == JanusRoom.Rule(silenced: ["camera", "screen", "screen_audio"], isDeaf: false))
        state.measure.isMuted = true
        state.choice.isDeafened = true
        #expect(
            state.rule == JanusRoom.Rule(silenced: ["camera", "mic", "screen", "screen_audio"], isDeaf: true))
        state = Self.state
        state.isSuppressed = true
        state.measure.isDeafened = true
        #expect(state.rule == JanusRoom.Rule(silenced: ["mic", "screen_audio"], isDeaf: true))
    }

    @Test("what devices say on their way to another node comes there as it was, and nowhere else")
    func requests() {
        let contents: [VoiceRoomRequest.Content] = [
            .enter, .publish(sdp: "v=0\r\n", kinds: ["0": "mic", "1": "camera"], attempt: 3),
            .accept(sdp: "v=0", generation: 7), .candidate("candidate:1", mid: "0", line: 1, .publishing),
            .candidate("", mid: nil, line: nil, .subscribing),
        ]
        for content in contents {
            let request = VoiceRoomRequest(
                channel: ChannelID(rawValue: 5), place: VoiceSessionID(rawValue: 9), content: content)
            #expect(VoiceRoomRequest.read(request.bytes(for: "here"), for: "here") == request)
            #expect(VoiceRoomRequest.read(request.bytes(for: "here"), for: "there") == nil)
        }
        #expect(VoiceRoomRequest.read(Array(#"{"to":"here","does":"enter"}"#.utf8), for: "here") == nil)
    }

    private static func event(to audience: Int64) -> Event {
        Event(
            position: 1, at: Timestamp(seconds: 0), name: .sight, intent: [], audiences: [Audience(id: audience)],
            payload: [])
    }

    @Test("an event makes only those places doubtful that it concerns")
    func doubts() {
        let seats = VoiceSeats()
        let (one, other) = (Self.state(1001, in: 100), Self.state(1002, in: 200))
        seats.sit(one, on: 1)
        seats.sit(other, on: 2)
        seats.hear([Self.event(to: 300)])
        #expect(seats.takeDoubtful() == [])
        for audience: Int64 in [1001, 100, 101] {
            seats.hear([Self.event(to: audience)])
            #expect(seats.takeDoubtful() == [one.id], "told to \(audience)")
            #expect(seats.takeDoubtful() == [])
        }
        seats.disconnected(one.holder, 7)
        #expect(Set(seats.present) == [one.id, other.id], "an earlier connection of the same session has ended")
        seats.connected(one.holder, 7)
        seats.disconnected(one.holder, 1)
        #expect(Set(seats.present) == [one.id, other.id], "it was resumed before its connection had ended")
        seats.disconnected(one.holder, 7)
        #expect(seats.present == [other.id])
        seats.sit(one, on: 8)
        seats.connected(one.holder, 9)
        seats.disconnected(one.holder, 9)
        #expect(Set(seats.present) == [one.id, other.id], "another window of the same session came and went")
        seats.disconnected(one.holder, 8)
        seats.retain([], among: [other.id])
        #expect(seats.present == [])
    }
}

import Kernel
import NIOCore
import Testing

@testable import Gateway

/// What may be said when, without a network.
@Suite struct SessionLifeTests {
    private static let limits = SessionLife.Limits(
        identifyTimeout: .seconds(20), silence: .seconds(67), farewell: .seconds(2), framesPerMinute: 120)
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func life(_ phase: String) -> SessionLife {
        var life = SessionLife(limits, now: start)
        if phase == "connected" { return life }
        _ = life.receive(identify, now: start)
        if phase == "entering" { return life }
        life.entered()
        if phase == "active" { return life }
        _ = life.close(limits, now: start)
        if phase == "closing" { return life }
        life.disconnected()
        return life
    }

    private static let identify = ClientMessage.identify(
        IdentifyRequest(token: "t", intents: nil, wantsCompression: false, clientVersion: nil, shard: nil))
    private static let resume = ClientMessage.resume(ResumeRequest(token: "t", sessionID: "s", sequence: 1))
    private static let typing = ClientMessage.typing(ChannelID(rawValue: 1), hasStopped: false)
    private static let voice = ClientMessage.unavailable(.voiceConnect)

    private static func name(_ effect: SessionLife.Effect) -> String {
        switch effect {
        case .nothing: "-"
        case .acknowledge: "ack"
        case .identify: "identify"
        case .resume: "resume"
        case .forward: "forward"
        case .checkVersion: "version"
        case .close(let reason): String(reason.code.rawValue)
        case .disconnect: "cut"
        }
    }

    @Test(arguments: [
        ("connected", ["ack", "version", "identify", "resume", "4003", "4003"]),
        ("entering", ["ack", "version", "4005", "4005", "4003", "4003"]),
        ("active", ["ack", "version", "4005", "4005", "forward", "4001"]),
        ("closing", ["-", "-", "-", "-", "-", "-"]),
        ("closed", ["-", "-", "-", "-", "-", "-"]),
    ]) func `each message has its answer in each phase`(_ phase: String, _ expected: [String]) {
        let messages: [ClientMessage] = [
            .heartbeat, .versionCheck(nil), Self.identify, Self.resume, Self.typing, Self.voice,
        ]
        let effects = messages.map { message in
            var life = Self.life(phase)
            return Self.name(life.receive(message, now: Self.start))
        }
        #expect(effects == expected)
    }

    @Test(arguments: [
        ("connected", 19, "-"), ("connected", 20, "4003"), ("entering", 30, "-"), ("entering", 68, "4009"),
        ("active", 67, "-"), ("active", 68, "4009"), ("closing", 1, "-"), ("closing", 2, "cut"), ("closed", 999, "-"),
    ]) func `each phase has its deadline`(_ phase: String, _ after_s: Int64, _ expected: String) {
        let effect = Self.life(phase).check(Self.limits, now: Self.start + .seconds(after_s))
        #expect(Self.name(effect) == expected)
    }

    @Test func `a heartbeat puts the deadline off`() {
        var life = Self.life("active")
        _ = life.receive(.heartbeat, now: Self.start + .seconds(60))
        #expect(Self.name(life.check(Self.limits, now: Self.start + .seconds(120))) == "-")
        #expect(Self.name(life.check(Self.limits, now: Self.start + .seconds(128))) == "4009")
    }

    @Test func `after a RESUME in vain there is time for IDENTIFY again`() {
        var life = Self.life("connected")
        _ = life.receive(Self.resume, now: Self.start + .seconds(15))
        let isRefused = life.refused(Self.limits, now: Self.start + .seconds(16))
        #expect(isRefused)
        #expect(Self.name(life.check(Self.limits, now: Self.start + .seconds(35))) == "-")
        #expect(Self.name(life.receive(Self.identify, now: Self.start + .seconds(35))) == "identify")
    }

    @Test func `a close frame is sent once`() {
        var life = Self.life("active")
        let first = life.close(Self.limits, now: Self.start)
        let second = life.close(Self.limits, now: Self.start)
        #expect(first && !second && !life.isOpen)
    }

    @Test func `the 121st frame of a minute is too much, and the next minute begins anew`() {
        var life = Self.life("active")
        for _ in 0..<120 { #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(1)) == nil) }
        #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(59))?.code == .rateLimited)
        #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(60)) == nil)
    }
}

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
        life.welcomed()
        if phase == "catching up" { return life }
        _ = life.attached()
        if phase == "live" { return life }
        if phase == "answering" {
            _ = life.beginAnswer()
            return life
        }
        if phase == "client closes" {
            life.clientCloses(limits, now: start)
            return life
        }
        life.close(limits, now: start)
        if phase == "closing" { return life }
        if phase == "deaf" {
            life.understandsNoMore()
            return life
        }
        life.disconnected()
        return life
    }

    private static let identify = ClientMessage.identify(
        IdentifyRequest(token: "t", intents: nil, wantsCompression: false, clientVersion: nil, shard: nil))
    private static let resume = ClientMessage.resume(ResumeRequest(token: "t", sessionID: "s", sequence: 1))
    private static let typing = ClientMessage.typingStart(ChannelID(rawValue: 1))
    private static let voice = ClientMessage.unavailable(.interactionCreate)

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
        ("catching up", ["ack", "version", "4005", "4005", "forward", "4001"]),
        ("live", ["ack", "version", "4005", "4005", "forward", "4001"]),
        ("answering", ["ack", "version", "4005", "4005", "forward", "4001"]),
        ("closing", ["-", "-", "-", "-", "-", "-"]),
        ("deaf", ["-", "-", "-", "-", "-", "-"]),
        ("client closes", ["-", "-", "-", "-", "-", "-"]),
        ("closed", ["-", "-", "-", "-", "-", "-"]),
    ]) func `each message has its answer in each phase`(_ phase: String, _ expected: [String]) {
        let messages: [ClientMessage] = [
            .heartbeat(nil), .versionCheck(nil), Self.identify, Self.resume, Self.typing, Self.voice,
        ]
        let effects = messages.map { message in
            var life = Self.life(phase)
            return Self.name(life.receive(message, now: Self.start))
        }
        #expect(effects == expected)
    }

    @Test(arguments: [
        ("connected", 19, "-"), ("connected", 20, "4003"), ("entering", 30, "-"), ("entering", 68, "4009"),
        ("catching up", 67, "-"), ("catching up", 68, "4009"), ("live", 67, "-"), ("live", 68, "4009"),
        ("answering", 67, "-"), ("answering", 68, "4009"), ("closing", 1, "-"), ("closing", 2, "cut"),
        ("deaf", 1, "-"), ("deaf", 2, "cut"), ("client closes", 1, "-"), ("client closes", 2, "cut"),
        ("closed", 999, "-"),
    ]) func `each phase has its deadline`(_ phase: String, _ after_s: Int64, _ expected: String) {
        let effect = Self.life(phase).check(Self.limits, now: Self.start + .seconds(after_s))
        #expect(Self.name(effect) == expected)
    }

    private static let phases = [
        "connected", "entering", "catching up", "live", "answering", "closing", "deaf", "client closes", "closed",
    ]

    @Test(arguments: [
        ("is sent frames", ["connected", "entering", "catching up", "live", "answering"]),
        ("is listened to", ["connected", "entering", "catching up", "live", "answering", "closing"]),
        ("hears events as they happen", ["live", "answering"]),
        ("may have its next request answered", ["live"]),
        ("begins to hear events", ["entering", "catching up"]),
        ("is cut off when all is sent", ["client closes"]),
        ("may still fall deaf", ["closing", "deaf"]),
        ("is given time after a RESUME in vain", ["entering"]),
    ]) func `each question has its answer in each phase`(_ question: String, _ expected: [String]) {
        let found = Self.phases.filter { phase in
            var life = Self.life(phase)
            switch question {
            case "is sent frames": return life.isOpen
            case "is listened to": return life.isListening
            case "hears events as they happen": return life.isLive
            case "may have its next request answered": return life.beginAnswer()
            case "begins to hear events": return life.attached()
            case "is cut off when all is sent": return life.disconnectsWhenSent
            case "may still fall deaf":
                life.understandsNoMore()
                return life.phase == .closing(until: Self.start + Self.limits.farewell, .deaf)
            default: return life.refused(Self.limits, now: Self.start)
            }
        }
        #expect(found == expected)
    }

    @Test func `requests are answered one after the other`() {
        var life = Self.life("live")
        let answers = [life.beginAnswer(), life.beginAnswer()]
        #expect(answers == [true, false])
        life.endAnswer()
        let next = life.beginAnswer()
        #expect(next)
    }

    @Test func `an answer that comes too late opens nothing again`() {
        var life = Self.life("answering")
        life.close(Self.limits, now: Self.start)
        life.endAnswer()
        #expect(!life.isOpen && !life.isLive)
    }

    @Test func `a heartbeat puts the deadline off`() {
        var life = Self.life("live")
        _ = life.receive(.heartbeat(nil), now: Self.start + .seconds(60))
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

    @Test func `what was said first ends the connection, and keeps its deadline`() {
        var life = Self.life("closing")
        life.clientCloses(Self.limits, now: Self.start + .seconds(1))
        life.close(Self.limits, now: Self.start + .seconds(1))
        #expect(life.phase == .closing(until: Self.start + Self.limits.farewell, .unanswered))
    }

    @Test func `the 121st frame of a minute is too much, and the next minute begins anew`() {
        var life = Self.life("live")
        for _ in 0..<120 { #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(1)) == nil) }
        #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(59))?.code == .rateLimited)
        #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(60)) == nil)
    }

    @Test
    func `frames of calls are counted apart: from 601 a minute on they are refused, from 1201 on the connection ends`()
    {
        var life = Self.life("live")
        for _ in 0..<600 {
            #expect(life.mediaFrameArrived(Self.limits, now: Self.start + .seconds(1)) == .counted)
        }
        for _ in 600..<1200 {
            #expect(life.mediaFrameArrived(Self.limits, now: Self.start + .seconds(2)) == .refused)
        }
        #expect(life.frameArrived(Self.limits, now: Self.start + .seconds(3)) == nil)
        #expect(life.mediaFrameArrived(Self.limits, now: Self.start + .seconds(59)) == .tooMany)
        #expect(life.mediaFrameArrived(Self.limits, now: Self.start + .seconds(60)) == .counted)
    }
}

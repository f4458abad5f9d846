import Client
import Foundation
import Kernel
import NIOHTTP1
import Receiver

/// One event to many sessions, beside bare C `send` to as many sockets in the same run.
final class FanOutScenario {
    private static let users = 10
    private static let burst = 16
    /// Makes a MESSAGE_CREATE of about the size that the baseline sends.
    private static let text = "A message of usual length, as people write them."

    enum Failure: Error {
        case sessionRefused
        case eventsMissing(Int)
        case baseline
    }

    /// As many as a burst has messages: requests on one connection would be worked off one after the other.
    private let senders: [Visitor]
    private let channel: String
    private let sessions: [Int32]
    private let baseline: String
    private let receiver: OpaquePointer

    private init(senders: [Visitor], channel: String, sessions: [Int32], baseline: String, receiver: OpaquePointer) {
        self.senders = senders
        self.channel = channel
        self.sessions = sessions
        self.baseline = baseline
        self.receiver = receiver
    }

    static func prepare(_ server: RunningServer, sessions count: Int, baseline: String) async throws -> FanOutScenario {
        let owner = try await Visitor.register("sender0", on: server.port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var senders = [owner]
        for number in 1..<burst {
            let sender = try await Visitor.register("sender\(number)", on: server.port)
            try await sender.send(.POST, "/channels/invites/\(code)")
            senders.append(sender)
        }
        var tokens: [String] = []
        for number in 0..<users {
            let listener = try await Visitor.register("listener\(number)", on: server.port)
            try await listener.send(.POST, "/channels/invites/\(code)")
            tokens.append(listener.token)
        }
        let sessions = try (0..<count).map { number in
            let descriptor = receiver_open_session(Int32(server.port), tokens[number % users])
            guard descriptor >= 0 else { throw Failure.sessionRefused }
            return descriptor
        }
        guard let receiver = receiver_create(sessions, Int32(count)) else { throw Failure.sessionRefused }
        return FanOutScenario(
            senders: senders, channel: channel, sessions: sessions, baseline: baseline, receiver: receiver)
    }

    func close() {
        receiver_free(receiver)
        for session in sessions { Glibc.close(session) }
    }

    /// The server and the baseline in turn, so that both have the same of the machine's moods.
    func measure(rounds: Int) async throws -> [Figure] {
        let count = sessions.count
        // That the listeners came online is told to all of them, and is not what is measured.
        await SendableReceiver(receiver).drain(for: 1000)
        let frame = try await frameSize()
        _ = try await rate(messages: 1, events: 5)
        var steady: [Double] = []
        var steadyBare: [Double] = []
        var bursts: [Double] = []
        var burstsBare: [Double] = []
        for _ in 0..<rounds {
            steady.append(try await rate(messages: 1, events: 20))
            steadyBare.append(try bareRate(frame, events: 20, burst: 1))
            bursts.append(try await rate(messages: Self.burst, events: 5))
            burstsBare.append(try bareRate(frame, events: 5, burst: Self.burst))
        }
        let (one, bare) = (steady.median, steadyBare.median)
        return [
            Figure(
                "fan-out to \(count), one event at a time", one, "deliveries/s", target: nil,
                note: "bare C send \(Int(bare)) deliveries/s; frames of \(frame) bytes",
                further: [("ratio to bare C", one / bare, "", count == 1000 ? .atLeast(0.9) : nil)]),
            Figure(
                "fan-out to \(count), bursts of \(Self.burst)", bursts.median, "deliveries/s",
                target: count == 1000 ? .atLeast(600_000) : nil,
                note: "bare C send of \(Self.burst) frames at once \(Int(burstsBare.median)) deliveries/s"),
        ]
    }

    /// From the first arrival of an event to its last, as in the baseline; the median over the events.
    private func rate(messages: Int, events: Int) async throws -> Double {
        let expected = sessions.count * messages
        var rates: [Double] = []
        for _ in 0..<events {
            let (senders, channel, receiver) = (senders.prefix(messages), channel, SendableReceiver(receiver))
            async let sending: Void = withThrowingTaskGroup(of: Void.self) { group in
                for sender in senders {
                    group.addTask {
                        try await sender.send(.POST, "/channels/\(channel)/messages", ["content": .string(Self.text)])
                    }
                }
                try await group.waitForAll()
            }
            let window = await receiver.wait(expected)
            try await sending
            guard window.frames == expected else { throw Failure.eventsMissing(expected - window.frames) }
            rates.append(Double(expected) / max(window.last - window.first, 1e-6))
        }
        return rates.median
    }

    /// The size of the frame in which MESSAGE_CREATE comes: the message, and what the gateway puts around it.
    private func frameSize() async throws -> Int {
        let message = try await senders[0].send(
            .POST, "/channels/\(channel)/messages", ["content": .string(Self.text)])
        var first = 0.0
        var last = 0.0
        _ = receiver_wait(receiver, sessions.count, 10_000, &first, &last)
        return message.jsonBytes.count + #"{"op":0,"s":1000,"t":"MESSAGE_CREATE","d":}"#.utf8.count + 4
    }

    private func bareRate(_ frame: Int, events: Int, burst: Int) throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: baseline)
        process.arguments = [sessions.count, frame, events, burst].map(String.init)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let rate = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw Failure.baseline }
        return rate
    }
}

/// Waiting blocks a thread, so it has one of its own.
// The receiver is used by one call at a time: each is awaited before the next begins.
struct SendableReceiver: @unchecked Sendable {
    let receiver: OpaquePointer

    init(_ receiver: OpaquePointer) { self.receiver = receiver }

    /// Reads whatever comes.
    func drain(for time_ms: Int32) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                var first = 0.0
                var last = 0.0
                _ = receiver_wait(receiver, .max, time_ms, &first, &last)
                continuation.resume()
            }
        }
    }

    func wait(_ frames: Int) async -> (frames: Int, first: Double, last: Double) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var first = 0.0
                var last = 0.0
                let seen = receiver_wait(receiver, frames, 30_000, &first, &last)
                continuation.resume(returning: (seen, first, last))
            }
        }
    }
}

extension [Double] {
    var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}

import Client
import Crowds
import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// People who send, so many messages a second in all, whatever the server makes of it: each one after the other.
struct Senders: Sendable {
    struct Member: Sendable {
        let visitor: Visitor
        let channel: String
    }

    /// What came of a stretch of sending.
    struct Result {
        var sent = 0
        /// Answers with 503.
        var unavailable = 0
        /// From the request to its answer.
        var answers = Histogram()

        static func + (one: Result, other: Result) -> Result {
            var sum = one
            sum.sent += other.sent
            sum.unavailable += other.unavailable
            sum.answers.merge(other.answers)
            return sum
        }
    }

    let members: [Member]

    /// A server for each, or one channel for all.
    enum Place {
        case channelForAll
        case serverForEach
    }

    static func make(_ count: Int, _ place: Place, on port: Int) async throws -> Senders {
        let name = "s" + String(UInt32.random(in: 0 ... .max), radix: 36)
        let owner = try await Visitor.register(name + "x0", on: port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var members = [Member(visitor: owner, channel: channel)]
        for number in 1..<count {
            let visitor = try await Visitor.register("\(name)x\(number)", on: port)
            switch place {
            case .serverForEach: members.append(Member(visitor: visitor, channel: try await visitor.foundServer()))
            case .channelForAll:
                try await visitor.send(.POST, "/channels/invites/\(code)")
                members.append(Member(visitor: visitor, channel: channel))
            }
        }
        return Senders(members: members)
    }

    /// The same people, connected to other nodes: to each of them in turn.
    func moved(to ports: [Int]) async throws -> Senders {
        var moved: [Member] = []
        for (index, member) in members.enumerated() {
            let connection = try await HTTPConnection.connect(port: ports[index % ports.count])
            moved.append(
                Member(
                    visitor: Visitor(connection: connection, token: member.visitor.token), channel: member.channel))
        }
        return Senders(members: moved)
    }

    func close() async {
        for member in members { await member.visitor.connection.close() }
    }

    /// One request after the other on each connection.
    func flood(seconds: Double) async throws -> Result {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await each { member, _ in
            var result = Result()
            while ContinuousClock.now < end { try await send("flood", member, &result) }
            return result
        }
    }

    /// So many messages a second, evenly.
    /// - Parameter note: called before a message is sent and after it was acknowledged, with its text.
    func pace(
        _ perSecond: Double, seconds: Double, note: @escaping @Sendable (String, Moment) -> Void = { _, _ in }
    ) async throws -> Result {
        let begin = ContinuousClock.now
        let count = Int(perSecond * seconds)
        let prefix = String(UInt32.random(in: 0 ... .max), radix: 36)
        return try await each { member, index in
            var result = Result()
            for number in stride(from: index, to: count, by: members.count) {
                try await Task.sleep(until: begin + .seconds(Double(number) / perSecond), tolerance: .zero)
                let text = "\(prefix) \(number), of the length that messages usually have among people"
                note(text, .sending)
                if try await send(text, member, &result) { note(text, .acknowledged) }
            }
            return result
        }
    }

    enum Moment {
        case sending
        case acknowledged
    }

    private func each(
        _ body: @escaping @Sendable (Member, Int) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for (index, member) in members.enumerated() { group.addTask { try await body(member, index) } }
            return try await group.reduce(Result()) { $0 + $1 }
        }
    }

    /// - Returns: whether it was acknowledged.
    @discardableResult
    private func send(_ text: String, _ member: Member, _ result: inout Result) async throws -> Bool {
        let begin = ContinuousClock.now
        let body: JSON = ["content": .string(text)]
        let reply = try await member.visitor.connection.send(
            .POST, "/api/v1/channels/\(member.channel)/messages",
            headers: ["authorization": "Bearer \(member.visitor.token)"], body: body.jsonBytes)
        switch reply.status {
        case 200..<300:
            result.sent += 1
            result.answers.record(.now - begin)
            return true
        case 503:
            result.unavailable += 1
            return false
        default: throw Visitor.Refused(reply: reply.text)
        }
    }
}

/// Somebody who is connected to a node and notes when each message comes.
final class Hearer: Sendable {
    private struct Times {
        var sent: [String: ContinuousClock.Instant] = [:]
        var acknowledged: [String: ContinuousClock.Instant] = [:]
        var heard: [String: ContinuousClock.Instant] = [:]
        var frame_bytes = 0
    }

    private let times = NIOLockedValueBox(Times())
    private let socket = NIOLockedValueBox<GatewaySocket?>(nil)

    static func connect(_ visitor: Visitor, port: Int) async throws -> Hearer {
        let hearer = Hearer()
        let socket = try await GatewaySocket.connect(port: port) { event in hearer.take(event) }
        _ = try await socket.next()
        try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
        while try await socket.next()["t"] != "READY" {}
        socket.beat(every: .seconds(20))
        hearer.socket.withLockedValue { $0 = socket }
        return hearer
    }

    private func take(_ event: JSON) {
        let now = ContinuousClock.now
        guard event["t"] == "MESSAGE_CREATE", let text = event["d"]?["content"]?.string else { return }
        times.withLockedValue { times in
            times.heard[text] = now
            // A header of four bytes comes before it.
            times.frame_bytes = event.jsonBytes.count + 4
        }
    }

    func note(_ text: String, _ moment: Senders.Moment) {
        let now = ContinuousClock.now
        times.withLockedValue { times in
            switch moment {
            case .sending: times.sent[text] = now
            case .acknowledged: times.acknowledged[text] = now
            }
        }
    }

    /// Waits until every acknowledged message has come.
    /// - Returns: how long after the request, and after its answer, which may come later than the event; and what a frame weighs.
    func latencies() async throws -> (sinceRequest: Histogram, sinceAnswer: Histogram, frame_bytes: Int) {
        try await untilAllHeard()
        return times.withLockedValue { times in
            var (sinceRequest, sinceAnswer) = (Histogram(), Histogram())
            for (text, acknowledged) in times.acknowledged {
                guard let heard = times.heard[text], let sent = times.sent[text] else { continue }
                sinceRequest.record(heard - sent)
                sinceAnswer.record(max(heard - acknowledged, .zero))
            }
            let frame = times.frame_bytes
            times = Times()
            return (sinceRequest, sinceAnswer, frame)
        }
    }

    private func untilAllHeard() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while times.withLockedValue({ times in times.acknowledged.keys.contains { times.heard[$0] == nil } }) {
            guard ContinuousClock.now < end else { throw FanOutScenario.Failure.eventsMissing(1) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func close() async { await socket.withLockedValue({ $0 })?.disconnect() }
}

import Events
import Gateway
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import Testing

/// RESUME: what can be had again and what can't.
@Suite(.timeLimit(.minutes(4))) struct ResumeTests {
    @Test func `what can't be resumed leads back to IDENTIFY`() async throws {
        let backend = TestBackend()
        try await withServer(backend) { server in
            let first = try await server.connect()
            let ready = try await first.enter("alice")
            let session = ready["d"]?["session_id"]?.string ?? ""
            for (token, id) in [("alice", "nonsense"), ("bob", session), ("alice", session)] {
                let client = try await server.connect()
                _ = try await client.frame(10)
                try await client.resume(token, session: id, after: 0)
                #expect(try await client.nextFrame() == .object(["op": .integer(9), "d": .bool(false)]))
                try await client.identify(token)
                _ = try await client.event("READY")
            }
        }
    }

    @Test func `a seq from the future is refused with 4007`() async throws {
        let backend = TestBackend()
        backend.state.withLockedValue { $0.refusal = .unknown }
        try await withServer(backend) { server in
            let first = try await server.connect()
            let session = try await first.enter("alice")["d"]?["session_id"]?.string ?? ""
            let client = try await server.connect()
            _ = try await client.frame(10)
            try await client.resume("alice", session: session, after: 1_000_000)
            #expect(try await client.closeFrame().code == 4007)
        }
    }

    @Test func `a session is resumed on a server that has never seen it`() async throws {
        let world = try await LogWorld()
        try await world.grant(1, 100)
        let first = try await world.server()
        let client = try await first.connect()
        let ready = try await client.enter("1")
        let session = ready["d"]?["session_id"]?.string ?? ""
        let position = ready["s"]?.integer ?? -1
        try await first.stop()
        for _ in 0..<1200 { try await world.say(100) }
        try await world.revoke(1, 100)
        try await world.say(100)
        try await world.grant(1, 100)
        try await world.say(100)

        let second = try await world.server()
        let again = try await second.connect()
        _ = try await again.frame(10)
        try await again.resume("1", session: session, after: position)
        var numbers: [Int64] = []
        while true {
            let frame = try await again.nextFrame()
            if frame["t"]?.string == "RESUMED" { break }
            numbers.append(frame["d"]?["n"]?.integer ?? -1)
        }
        #expect(numbers == Array(1...1200) + [1202])
        try await world.say(100)
        #expect(try await again.event("MESSAGE_CREATE")["d"]?["n"]?.integer == 1203)
        try await second.stop()
        try await world.close()
    }

    @Test func `what has passed the shard's memory while a session begins is read from the log`() async throws {
        let world = try await LogWorld()
        try await world.grant(1, 100)
        let server = try await world.server()
        world.beforeSnapshot.withLockedValue { hook in
            hook = {
                for _ in 0..<100 { try? await world.say(100, padding: 8000) }
            }
        }
        let client = try await server.connect()
        try await client.enter("1")
        for number in Int64(1)...100 {
            #expect(try await client.event("MESSAGE_CREATE")["d"]?["n"]?.integer == number)
        }
        try await world.say(100)
        #expect(try await client.event("MESSAGE_CREATE")["d"]?["n"]?.integer == 101)
        try await server.stop()
        try await world.close()
    }

    /// Writers talk and change who sees what, while clients come, go and resume; each then must have had exactly what its
    /// user could see, once and in order.
    @Test(arguments: 0..<3) func `nobody misses an event and nobody gets one twice`(_ round: Int) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the resume test \(round): \(seed)")
        let random = SeededRandomness(seed: seed)
        let world = try await LogWorld()
        let users = Array(Int64(1)...6)
        let rooms = Array(Int64(100)...104)
        for user in users { for room in rooms where random.next() % 2 == 0 { try await world.grant(user, room) } }
        let server = try await world.server()
        let isDone = NIOLockedValueBox(false)

        try await withThrowingTaskGroup(of: Witness?.self) { group in
            for user in users {
                let own = SeededRandomness(seed: random.next())
                group.addTask {
                    var witness = Witness(user: user)
                    while !isDone.withLockedValue({ $0 }) { try await witness.visit(server, world, own) }
                    try await witness.visit(server, world, own, isLast: true)
                    return witness
                }
            }
            group.addTask {
                for _ in 0..<600 { try await world.stir(users, rooms, random) }
                // What closes the last visits: everyone sees it.
                isDone.withLockedValue { $0 = true }
                return nil
            }
            while let witness = try await group.next() {
                guard let witness else { continue }
                let expected = world.visible(to: witness.user, after: witness.start)
                // What was out of sight when they came back, they are not told any more.
                let missed = Set(expected).subtracting(witness.heard)
                for number in missed {
                    let end = witness.end(ofVisitPast: world.position(of: number))
                    #expect(
                        world.wasLost(number, by: witness.user, through: end),
                        "user \(witness.user) missed \(number), seed \(seed)")
                }
                let heard = expected.filter { !missed.contains($0) }
                #expect(witness.heard == heard, "user \(witness.user), seed \(seed)")
            }
        }
        try await server.stop()
        try await world.close()
    }
}

/// Somebody who connects again and again, and writes down what they hear.
struct Witness: Sendable {
    let user: Int64
    /// The `s` of the first READY.
    var start: Int64 = -1
    var heard: [Int64] = []
    private var sequence: Int64 = -1
    /// The `s` at which each visit ended, and the newest event then.
    private var visits: [(sequence: Int64, newest: Int64)] = []
    private var session = ""

    init(user: Int64) { self.user = user }

    /// One connection: enters or resumes, listens for a while, hangs up without a word.
    /// - Parameter isLast: resumes and listens until RESUMED, which comes after everything that was missed.
    mutating func visit(
        _ server: TestServer, _ world: LogWorld, _ random: SeededRandomness, isLast: Bool = false
    ) async throws {
        let client = try await server.connect(random.next() % 4 == 0 ? "compress=zlib-stream" : "")
        _ = try await client.frame(10)
        if session.isEmpty {
            try await client.identify("\(user)")
        } else {
            try await client.resume("\(user)", session: session, after: sequence)
        }
        var patience = Int(random.next() % 60)
        while isLast || patience > 0 {
            patience -= 1
            guard let frame = try? await client.nextFrame(within: isLast ? .seconds(60) : .milliseconds(50)) else {
                break
            }
            note(frame)
            if isLast, ["RESUMED", "READY"].contains(frame["t"]?.string) { break }
        }
        visits.append((sequence, try await world.newestPosition()))
        try await client.close()
    }

    /// The newest event at the end of the visit in which a position was passed.
    func end(ofVisitPast position: Int64) -> Int64 {
        visits.first { $0.sequence >= position }?.newest ?? -1
    }

    private mutating func note(_ frame: JSON) {
        guard let position = frame["s"]?.integer else { return }
        #expect(position >= sequence, "s must not decrease")
        sequence = position
        switch frame["t"]?.string {
        case "READY":
            session = frame["d"]?["session_id"]?.string ?? ""
            start = position
        case "MESSAGE_CREATE": heard.append(frame["d"]?["n"]?.integer ?? -1)
        default: break
        }
    }
}

import Events
import Kernel
import NIOCore
import Testing

@testable import Gateway

/// The pure parts of delivery.
@Suite struct FanOutTests {
    @Test func `the subscription table says the same as sets would`() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the subscription test: \(seed)")
        var random = RandomnessGenerator(source: SeededRandomness(seed: seed))
        var table = SubscriptionTable()
        var model: [Int32: Set<Audience>] = [:]
        for _ in 0..<20_000 {
            let session = Int32.random(in: 0..<12, using: &random)
            let audience = Audience(id: Int64.random(in: 1...9, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                table.unsubscribeFromAll(session)
                model[session] = []
            case 1 where model[session, default: []].isEmpty:
                table.subscribe(session, to: [audience, Audience(id: 50)])
                model[session] = [audience, Audience(id: 50)]
            case 2...5:
                table.unsubscribe(session, from: audience)
                model[session]?.remove(audience)
            default:
                table.subscribe(session, to: audience)
                model[session, default: []].insert(audience)
            }
            let sessions = table.members(of: audience).map(\.session)
            let expected = model.filter { $0.value.contains(audience) }.map(\.key)
            guard sessions.sorted() == expected.sorted(),
                Set(table.audiences(of: session)) == model[session, default: []]
            else {
                Issue.record("seed \(seed)")
                return
            }
        }
    }

    private func fanOut(_ audiences: [[Int64]]) -> FanOut {
        var fanOut = FanOut()
        for (session, own) in audiences.enumerated() {
            fanOut.lanes.append(FanOut.Lane(intents: Intents.all.bits))
            fanOut.subscriptions.subscribe(Int32(session), to: Set(own.map(Audience.init(id:))))
        }
        return fanOut
    }

    private func add(_ event: Event, to fanOut: inout FanOut) {
        guard let event = PublishedEvent(event), case .dispatch(let frame) = event.content else { return }
        fanOut.add(frame, event)
    }

    private func storage(_ buffer: ByteBuffer) -> UnsafeRawPointer? {
        buffer.withUnsafeReadableBytes { $0.baseAddress }
    }

    @Test func `sessions that get the same share one buffer`() {
        var fanOut = fanOut([[1], [1, 2], [1, 2], [3]])
        add(.test(1, to: [1]), to: &fanOut)
        add(.test(2, to: [2, 1]), to: &fanOut)
        add(.test(3, to: [2]), to: &fanOut)
        #expect(fanOut.touched == [0, 1, 2])
        let lists = fanOut.touched.map { session in fanOut.takeList(of: session) }
        #expect(lists.map { fanOut.count(of: $0) } == [2, 3, 3])
        #expect(lists[1] == lists[2])
        let texts = lists.map { list in fanOut.buffer(of: list).readableBytesView.count { $0 == UInt8(ascii: "{") } }
        #expect(texts == [4, 6, 6])
        #expect(storage(fanOut.buffer(of: lists[1])) == storage(fanOut.buffer(of: lists[2])))
        fanOut.endRound()
        #expect(fanOut.touched.isEmpty)
    }

    @Test func `a round that is long enough is full`() {
        var fanOut = fanOut([[1]])
        for number in Int64(1)...127 { add(.test(number, to: [1]), to: &fanOut) }
        #expect(!fanOut.isFull)
        add(.test(128, to: [1]), to: &fanOut)
        #expect(fanOut.isFull)
    }

    @Test func `a frame that is moved to another position is a whole frame`() {
        let frame = EventFrame(.typingStart, position: 7, data: Array("{}".utf8))
        let moved = frame.moved(to: 1_234_567)
        #expect(String(buffer: moved.payload) == #"{"op":0,"s":1234567,"t":"TYPING_START","d":{}}"#)
        #expect(moved.bytes.readableBytes == moved.payload.readableBytes + 2)
        #expect(moved.bytes.readableBytesView.dropFirst().first == UInt8(moved.payload.readableBytes))
    }

    @Test func `the ring knows how far back it reaches`() {
        var ring = EventRing(after: 10)
        #expect(ring.reaches(10) && !ring.reaches(9))
        for number in Int64(11)...Int64(10 + EventRing.maximumCount + 5) {
            if let event = PublishedEvent(Event.test(number)) { ring.append(event) }
        }
        #expect(ring.count == EventRing.maximumCount)
        #expect(ring.reaches(15) && !ring.reaches(14))
        #expect(!ring.reaches(sequence: 4) && ring.reaches(sequence: 5))
        #expect(
            ring.events(after: 8200, unloggedFrom: 0).map(\.position) == [8201, 8202, 8203, 8204, 8205, 8206, 8207])
        ring.reset(after: 9000)
        #expect(ring.reaches(9000) && !ring.reaches(8999) && !ring.reaches(sequence: 8197))
    }

    @Test func `the ring is bounded in bytes, too`() {
        var ring = EventRing(after: 0)
        for number in Int64(1)...100 {
            if let event = PublishedEvent(Event.test(number, padding: 1 << 20)) { ring.append(event) }
        }
        #expect(ring.count == 7)
    }

    @Test func `unlogged events count only from the moment that is asked for`() {
        var ring = EventRing(after: 0)
        if let event = PublishedEvent(Event.test(1)) { ring.append(event) }
        for _ in 0..<2 {
            ring.append(
                PublishedEvent(unlogged: .typingStart, payload: [], intent: [], audiences: [], at: 1))
        }
        #expect(ring.events(after: 0, unloggedFrom: 3).count == 1)
        #expect(ring.events(after: 0, unloggedFrom: 2).count == 2)
        #expect(ring.events(after: 1, unloggedFrom: 0).count == 2)
        #expect(ring.events(from: 1).count == 2)
    }

    @Test func `the send queue hands out portions and knows when it is too long`() {
        var queue = SendQueue()
        let buffer = ByteBuffer(repeating: 0, count: 40 * 1024)
        for _ in 0..<4 { queue.append(buffer) }
        #expect(queue.isLonger(than: 160 * 1024 - 1) && !queue.isLonger(than: 160 * 1024))
        #expect(queue.nextPortion().count == 2)
        #expect(queue.nextPortion().isEmpty)
        #expect(queue.count_bytes == 160 * 1024)
        queue.portionWritten()
        queue.dropWaiting()
        #expect(queue.isEmpty)
        queue.allow(100)
        queue.append(ByteBuffer(repeating: 0, count: 150))
        #expect(!queue.isLonger(than: 50))
        _ = queue.nextPortion()
        queue.portionWritten()
        queue.append(ByteBuffer(repeating: 0, count: 150))
        #expect(queue.isLonger(than: 50))
    }

    @Test func `a login may identify once in a while, a user connect so many times`() throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        var configuration = TestServer.configuration
        configuration.isRateLimited = true
        configuration.connectionsPerUser = 2
        let admission = Admission(configuration, RateLimiter(clock: clock))
        let (one, other) = (Self.identity(login: 1), Self.identity(login: 2))
        try admission.identify(one)
        try admission.identify(other)
        clock.advance(by: .seconds(4))
        #expect(throws: CloseReason.self) { try admission.identify(one) }
        clock.advance(by: .seconds(1))
        try admission.identify(one)
        for _ in 0..<2 { try admission.resume(one) }
        #expect(throws: CloseReason.self) { try admission.resume(one) }
        try admission.enter(one, elsewhere: 0)
        try admission.enter(other, elsewhere: 0)
        #expect(throws: CloseReason.self) { try admission.enter(one, elsewhere: 0) }
        admission.leave(one.user)
        #expect(throws: CloseReason.self) { try admission.enter(one, elsewhere: 1) }
        try admission.enter(one, elsewhere: 0)
        // Who needs two sessions has twice as many.
        admission.leave(one.user)
        let large = GatewayIdentity(user: one.user, login: one.login, isBot: true, neededShards: 2)
        for _ in 0..<3 { try admission.enter(large, elsewhere: 0) }
        #expect(throws: CloseReason.self) { try admission.enter(large, elsewhere: 0) }
    }

    private static func identity(login: Int64) -> GatewayIdentity {
        GatewayIdentity(user: UserID(rawValue: 1), login: SessionID(rawValue: login))
    }

    @Test func `who has too many connections at two looks loses those that are too many`() throws {
        let admission = Admission(TestServer.configuration, RateLimiter())
        for _ in 0..<5 { try admission.enter(Self.identity(login: 1), elsewhere: 0) }
        let user = UserID(rawValue: 1)
        #expect(admission.takeSurplus { _, _, _ in 3 } == [:])
        #expect(admission.takeSurplus { _, count, limit in count == 5 && limit == 1000 ? 3 : 5 } == [user: 2])
        #expect(admission.takeSurplus { _, _, _ in 5 } == [:])
        #expect(admission.takeSurplus { _, _, _ in 3 } == [:], "it counts from anew")
        #expect(admission.takeSurplus { _, _, _ in 0 } == [user: 5])
        for _ in 0..<5 { admission.leave(user) }
        #expect(admission.takeSurplus { _, _, _ in 0 } == [:])
    }

    @Test func `what overflows an inbox is dropped, and said to be`() {
        let inbox = Inbox()
        guard let event = PublishedEvent(Event.test(5, padding: 40 << 20)) else { return }
        #expect(inbox.add([event]))
        #expect(!inbox.add([event]))
        let batch = inbox.take(atMost: 10)
        #expect(batch.events.isEmpty && batch.lostThrough == 5 && !batch.hasMore)
        #expect(inbox.add([event, event].prefix(1).map { $0 }))
        #expect(inbox.take(atMost: 10).events.count == 1)
    }
}

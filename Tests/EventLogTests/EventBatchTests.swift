import Bus
import Kernel
import Testing

@testable import Events

extension Event {
    /// All of it, to be compared.
    var everything: String {
        "\(position) \(at.milliseconds) \(name.rawValue) \(intent.rawValue) \(audiences) \(subject) \(payload)"
    }
}

@Suite("Events on the bus")
struct EventBatchTests {
    static func event(_ position: Int64, size: Int = 10) -> Event {
        Event(
            position: position, at: Timestamp(milliseconds: position * 3), name: EventName(rawValue: "SAID"),
            intent: .guildMembers, audiences: [Audience(id: position), Audience(id: -7)],
            payload: Array(repeating: UInt8(position & 0x7F), count: size))
    }

    private static func read(_ batch: EventBatch) -> [EventBatch] { batch.messages.compactMap(EventBatch.init) }

    @Test("are read as they were written")
    func same() throws {
        var subject = EventSubject.right(
            .messagesRead, .membersKick, in: ServerID(rawValue: 5), seeing: Audience(id: 6))
        subject.thing = 9
        subject.quoted = 10
        let full = Event(
            position: 14, at: Timestamp(milliseconds: 1), name: .sight, intent: [], audiences: [Audience(id: .min)],
            subject: subject, payload: [0, 255, 1])
        let empty = Event(
            position: 19, at: Timestamp(milliseconds: 2), name: .forgotten, intent: .all, audiences: [], payload: [])
        let batch = EventBatch(epoch: LogEpoch(rawValue: .max), after: 11, [full, empty])
        let read = try #require(Self.read(batch).first)
        #expect(batch.messages.count == 1)
        #expect(read.epoch == batch.epoch && read.previous == 11)
        #expect(read.events.map { $0.everything } == [full, empty].map(\.everything))
    }

    @Test(
        "go in several messages that follow each other when they are many, or long",
        arguments: [(1000, 10), (100, 5000), (10, 100_000)])
    func split(count: Int64, size: Int) {
        let events = (1...count).map { Self.event($0 * 2, size: size) }
        let parts = Self.read(EventBatch(epoch: .first, after: 1, events))
        #expect(parts.count > 1)
        #expect(parts.flatMap(\.events).map(\.everything) == events.map { $0.everything })
        #expect(parts.first?.previous == 1)
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(next.previous == part.events.last?.position) }
    }

    @Test("end before one that is too long, for what comes after it would not follow")
    func tooLong() {
        let events = [Self.event(1), Self.event(2, size: MessageSize.maximum_bytes), Self.event(3)]
        let long = EventBatch(epoch: .first, after: 0, events)
        #expect(Self.read(long).flatMap(\.events).map(\.position).contains(3) == false)
        #expect(long.messages.allSatisfy { $0.count <= MessageSize.maximum_bytes })
    }

    @Test("that are torn, or say what can't be, are none")
    func odd() throws {
        let message = try #require(EventBatch(epoch: .first, after: 3, [Self.event(4), Self.event(5)]).messages.first)
        for length in 0..<message.count { #expect(EventBatch(Array(message.prefix(length))) == nil) }
        let said = #"{"s":4,"t":"X","at":1,"intent":0,"to":[1],"size":1}"#
        for (head, payload) in [
            ("{}", 0), ("[]", 0), (#"{"epoch":1,"after":3,"events":[\#(said)]}"#, 0),
            (#"{"epoch":1,"after":4,"events":[\#(said)]}"#, 1),
            (#"{"epoch":1,"after":3,"events":[\#(said),\#(said)]}"#, 2),
            (#"{"epoch":1,"after":3,"events":[{"s":4,"t":"X","at":1,"intent":0,"to":[1],"size":-1}]}"#, 9),
            (
                #"{"epoch":1,"after":3,"events":[{"s":4,"t":"X","at":1,"intent":0,"to":[1],"size":9223372036854775807}]}"#,
                9
            ),
            (#"{"epoch":1,"after":99999999999999999999,"events":[\#(said)]}"#, 1),
        ] {
            let length = UInt32(head.utf8.count)
            let bytes = withUnsafeBytes(of: length.bigEndian) { Array($0) } + Array(head.utf8)
            #expect(EventBatch(bytes + Array(repeating: 0, count: payload)) == nil, "\(head)")
        }
        #expect(EventBatch([255, 255, 255, 255] + message) == nil)
    }
}

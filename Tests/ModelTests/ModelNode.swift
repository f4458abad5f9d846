import Kernel
import NIOCore

@testable import Events
@testable import Gateway

/// A node, as far as it follows the log and delivers it to its clients: what delivers is the program's own.
struct ModelNode {
    /// What waited is told without regard to the time, which stands still.
    private static let now = ContinuousClock.now

    typealias Written = (client: Int, frames: [EventFrame])

    /// Where it has read.
    private(set) var tail: Int64
    private(set) var newest: Int64
    /// There may be something to be read.
    var isAwake = false
    /// There may be something to be placed.
    var isRung = false
    /// By which it leads, as far as it knows.
    var session: Int?
    private(set) var delivery: Delivery
    private var early = EarlyEvents()
    private var inbox: [PublishedEvent] = []
    private(set) var clients: [Int?] = []

    init(after position: Int64) {
        tail = position
        newest = position
        delivery = Delivery(after: position)
    }

    var isQuiet: Bool { !isAwake && inbox.isEmpty }

    // MARK: The log

    mutating func read(_ database: ModelDatabase, limit: Int) {
        let events = database.events(after: tail, limit: limit)
        if events.count < limit { isAwake = false }
        publish(Array(events))
    }

    /// Takes what was handed over, if it is what comes next.
    mutating func take(_ batch: EventBatch) {
        if batch.previous <= tail { publishNew(batch) } else { isAwake = true }
    }

    /// The same, whether anything is missing between or not.
    mutating func publishNew(_ batch: EventBatch) { publish(batch.events.filter { $0.position > tail }) }

    /// Takes what comes next.
    private mutating func publish(_ events: [Event]) {
        guard let last = events.last else { return }
        tail = max(tail, last.position)
        newest = max(newest, last.position)
        inbox += events.compactMap(PublishedEvent.init)
        for event in early.take(upTo: newest, at: Self.now) { publish(event) }
    }

    mutating func publishTyping(_ tag: Int, to audience: Audience, knowing horizon: Int64) {
        let event = EarlyEvent(
            name: EventName(rawValue: "TYPING_START"), payload: Array("\(tag)".utf8), intent: [], audiences: [audience],
            except: [], horizon: horizon, until: Self.now + .seconds(1))
        if horizon > newest { early.append(event) } else { publish(event) }
    }

    private mutating func publish(_ event: EarlyEvent) {
        inbox.append(
            PublishedEvent(
                unlogged: event.name, payload: event.payload, intent: event.intent, audiences: event.audiences,
                at: newest))
    }

    // MARK: Clients

    /// Delivers the next few events.
    /// - Returns: which client is written what.
    mutating func drain(limit: Int) -> [Written] {
        var written: [Written] = []
        for event in inbox.prefix(limit) {
            if case .write = delivery.take(event) { written += flush() }
        }
        inbox.removeFirst(min(limit, inbox.count))
        return written + flush()
    }

    private mutating func flush() -> [Written] {
        var written: [Written] = []
        for slot in delivery.fanOut.touched {
            let list = delivery.fanOut.takeList(of: slot)
            guard list != 0, let client = clients[Int(slot)] else { continue }
            written.append((client, delivery.fanOut.frames(of: list)))
        }
        delivery.fanOut.endRound()
        return written
    }

    /// What came was too much: it is lost, and whoever was to get it resumes.
    mutating func overflow() {
        guard let last = inbox.last else { return }
        inbox = []
        delivery.lose(through: last.position)
    }

    mutating func connect(_ client: Int) -> Int32 {
        if let free = clients.firstIndex(of: nil) {
            clients[free] = client
            return Int32(free)
        }
        clients.append(client)
        delivery.fanOut.lanes.append(FanOut.Lane())
        return Int32(clients.count - 1)
    }

    mutating func disconnect(_ slot: Int32) {
        delivery.fanOut.subscriptions.unsubscribeFromAll(slot)
        delivery.fanOut.lanes[Int(slot)] = FanOut.Lane()
        clients[Int(slot)] = nil
    }

    mutating func attach(_ slot: Int32, at place: Place, _ identity: GatewayIdentity, since moment: UInt64)
        -> [EventFrame]?
    {
        switch delivery.attach(slot, at: place, identity, intents: .all, since: moment) {
        case .attached(let frames): frames
        case .behind, .loginEnded: nil
        }
    }
}

extension EventFrame {
    /// The `s`, and the number that is all of what it says.
    var reading: (s: Int64, tag: Int) {
        let numbers = payload.readableBytesView.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // The first one is the opcode.
        func number(_ digits: ByteBufferView) -> Int64 { digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } }
        guard numbers.count == 3 else { return (-1, -1) }
        return (number(numbers[1]), Int(number(numbers[2])))
    }
}

import Dispatch
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers

/// The bus by way of NATS: its servers hand out what is sent, and PostgreSQL has nothing to do with it.
///
/// A thread connects, and hears; a queue sends. While there is no connection, what is published is lost, since whoever hears
/// `connected` asks for everything anyway. When more waits to be sent than may, what comes last is lost.
public final class NATSBus: MessageBus {
    /// Of each subject.
    static let maximumWaiting_bytes = 1 << 20
    /// What a message takes beside its content, more or less.
    private static let overhead_bytes = 64
    /// A thread that looks for a server is waited for so long when the bus closes.
    private static let farewell = Duration.seconds(5)

    private struct Waiting {
        let subject: BusSubject
        let message: [UInt8]
    }

    private struct State {
        /// Nil while there is none.
        var connection: NATSConnection?
        var waiting: [Waiting] = []
        var waiting_bytes: [BusSubject: Int] = [:]
        /// Of what subjects a message waits that says only that there is something.
        var waitingSigns: Set<BusSubject> = []
        var lost: [BusSubject: Int] = [:]
        var isSending = false
        var isRunning = false
        var isClosing = false
        var closer: CheckedContinuation<Void, Never>?

        /// - Returns: whether it is kept; what says only that there is something is kept once.
        mutating func keep(_ message: [UInt8], _ subject: BusSubject) -> Bool {
            let weight = message.count + NATSBus.overhead_bytes
            guard connection != nil, waiting_bytes[subject, default: 0] + weight <= NATSBus.maximumWaiting_bytes else {
                return false
            }
            if message.isEmpty, !waitingSigns.insert(subject).inserted { return true }
            waiting.append(Waiting(subject: subject, message: message))
            waiting_bytes[subject, default: 0] += weight
            return true
        }

        mutating func takeWaiting() -> [Waiting] {
            defer {
                waiting = []
                waiting_bytes = [:]
                waitingSigns = []
            }
            return waiting
        }
    }

    private let place: NATSPlace
    private let seal: BusSeal
    /// What the subjects of the instance begin with.
    private let prefix: String
    private let subjects: [String: BusSubject]
    private let logger: Logger
    private let hearers = BusHearers()
    private let figures = BusFigures(.nats)
    private let state = NIOLockedValueBox(State())
    private let sender = DispatchQueue(label: "aviary.nats.sender")
    /// Wakes the thread from a pause.
    private let bell = DispatchSemaphore(value: 0)

    /// - Parameter instance: a name that all nodes of an instance have, and nobody else at the same NATS; of letters and digits.
    public init(_ place: NATSPlace, instance: String, seal: BusSeal, logger: Logger) {
        self.place = place
        self.seal = seal
        self.logger = logger
        let prefix = "aviary.\(instance)."
        self.prefix = prefix
        subjects = Dictionary(uniqueKeysWithValues: BusSubject.allCases.map { (prefix + $0.rawValue, $0) })
    }

    public var broken: Set<BusWay> { state.withLockedValue { $0.connection == nil } ? [.nats] : [] }

    public func carries(_ subject: BusSubject) -> Bool { broken.isEmpty }

    /// How many messages that were to be sent were not.
    var lost: [BusSubject: Int] { state.withLockedValue { $0.lost } }

    var waiting_bytes: Int { state.withLockedValue { $0.waiting_bytes.values.reduce(0, +) } }

    public func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void) {
        hearers.add(subject, hear)
    }

    public func start() {
        state.withLockedValue { $0.isRunning = true }
        let thread = Thread { self.serve() }
        thread.name = "nats"
        thread.stackSize = 1 << 20
        thread.start()
    }

    // MARK: Sending

    public func publish(_ message: [UInt8], to subject: BusSubject) {
        guard message.count <= MessageSize.maximum_bytes else { return note(lost: [subject]) }
        let begins: Bool? = state.withLockedValue { state in
            guard state.keep(message, subject) else { return nil }
            defer { state.isSending = true }
            return !state.isSending
        }
        guard let begins else { return note(lost: [subject]) }
        if begins { sender.async { self.sendWaiting() } }
    }

    private func note(lost subjects: [BusSubject]) {
        state.withLockedValue { state in for subject in subjects { state.lost[subject, default: 0] += 1 } }
        for subject in subjects { figures.lost(subject) }
    }

    /// On the queue, which it may hold up for as long as a connection may block.
    private func sendWaiting() {
        while true {
            let (connection, messages) = state.withLockedValue { state in
                let messages = state.takeWaiting()
                state.isSending = !messages.isEmpty
                return (state.connection, messages)
            }
            if messages.isEmpty { return }
            send(messages, over: connection)
        }
    }

    private func send(_ messages: [Waiting], over connection: NATSConnection?) {
        for (index, waiting) in messages.enumerated() {
            do throws(NATSFailure) {
                guard let connection else { throw NATSFailure("there is no connection") }
                try connection.send(
                    seal.sealed(waiting.message, waiting.subject), to: prefix + waiting.subject.rawValue)
                figures.sent(waiting.subject)
            } catch {
                // The thread sees that it has ended, and why.
                connection?.close()
                return note(lost: messages[index...].map(\.subject))
            }
        }
    }

    // MARK: The thread

    private var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    private func serve() {
        var outage = NATSOutage()
        while !isClosing {
            do throws(NATSFailure) {
                let connection = try NATSConnection.open(
                    place, subjects: prefix + "*", probe: prefix + BusSubject.log.rawValue)
                defer { lose(connection) }
                guard begin(connection) else { break }
                if let duration = outage.ended(at: .now) {
                    logger.notice("NATS is there again", metadata: ["after": "\(duration)"])
                }
                try hear(connection)
            } catch {
                if isClosing { break }
                if outage.failed(at: .now) {
                    logger.warning(
                        "NATS is away; nodes tell each other by PostgreSQL", metadata: ["reason": "\(error)"])
                }
                _ = bell.wait(timeout: .now() + outage.pause(jitter: .random(in: 0...1)) / .seconds(1))
            }
        }
        NATSConnection.releaseThread()
        let closer = state.withLockedValue { state in
            defer { state.closer = nil }
            state.isRunning = false
            return state.closer
        }
        closer?.resume()
    }

    /// - Returns: false when it is closing.
    private func begin(_ connection: NATSConnection) -> Bool {
        let begins = state.withLockedValue { state in
            if !state.isClosing { state.connection = connection }
            return !state.isClosing
        }
        guard begins else { return false }
        figures.connects()
        hearers.tellConnected()
        return true
    }

    private func lose(_ connection: NATSConnection) {
        connection.close()
        let lost = state.withLockedValue { state in
            state.connection = nil
            return state.takeWaiting()
        }
        figures.broke()
        note(lost: lost.map(\.subject))
    }

    /// - Throws: when the connection has ended.
    private func hear(_ connection: NATSConnection) throws(NATSFailure) {
        var lost = 0
        while true {
            if let message = try connection.next() { tell(message) }
            let lostSince = connection.lost - lost
            if lostSince > 0 {
                lost += lostSince
                // Of which subject they were nobody knows; those who know what they have missed ask for it.
                logger.warning("messages of other nodes were not heard in time", metadata: ["count": "\(lostSince)"])
                figures.unheard(lostSince)
            }
        }
    }

    /// Whoever else is at the same NATS may send what they like.
    private func tell(_ message: NATSConnection.Message) {
        guard let subject = subjects[message.subject], message.content.count <= MessageSize.maximumSealed_bytes
        else { return }
        guard let content = seal.opened(message.content, subject) else { return figures.refused(subject) }
        figures.heard(subject)
        hearers.tell(content, on: subject)
    }

    // MARK: Closing

    public func close() async {
        state.withLockedValue { $0.isClosing = true }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            sender.async {
                self.sendWaiting()
                if let connection = self.state.withLockedValue({ $0.connection }) {
                    try? connection.flush()
                    connection.close()
                }
                continuation.resume()
            }
        }
        bell.signal()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDone = state.withLockedValue { state in
                if state.isRunning { state.closer = continuation }
                return !state.isRunning
            }
            if isDone { return continuation.resume() }
            sender.asyncAfter(deadline: .now() + Self.farewell / .seconds(1)) {
                self.state.withLockedValue { state in
                    defer { state.closer = nil }
                    return state.closer
                }?.resume()
            }
        }
    }
}

/// How long to wait before one tries again.
struct NATSOutage {
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(5)

    private var beganAt: ContinuousClock.Instant?
    private var nextPause = NATSOutage.shortestPause

    /// - Returns: whether this begins an outage.
    mutating func failed(at now: ContinuousClock.Instant) -> Bool {
        guard beganAt == nil else { return false }
        beganAt = now
        return true
    }

    /// - Parameter jitter: 0…1, so that not all nodes come at once.
    mutating func pause(jitter: Double) -> Duration {
        defer { nextPause = min(nextPause * 2, Self.longestPause) }
        return nextPause * (0.5 + jitter / 2)
    }

    /// - Returns: how long the outage was, if there was one.
    mutating func ended(at now: ContinuousClock.Instant) -> Duration? {
        defer { self = NATSOutage() }
        return beganAt.map { now - $0 }
    }
}

import Database
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers

/// The bus by way of the database that the nodes share (LISTEN, NOTIFY): nothing more has to be run. Good for some nodes.
public final class PostgreSQLBus: MessageBus {
    private let notices: PostgreSQLNotices
    private let hearers = NIOLockedValueBox<[BusSubject: [@Sendable (BusNews) -> Void]]>([:])
    private let fragments = NIOLockedValueBox(BusFragments())
    private let sender = String(UInt64.random(in: 0 ... .max), radix: 36)
    private let number = NIOLockedValueBox<UInt64>(0)

    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public init(url: String, logger: Logger) throws { notices = try PostgreSQLNotices(url: url, logger: logger) }

    public func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void) {
        hearers.withLockedValue { $0[subject, default: []].append(hear) }
    }

    public func start() {
        notices.start { [weak self] occurrence in self?.hear(occurrence) }
    }

    public func close() async { await notices.close() }

    public func publish(_ message: [UInt8], to subject: BusSubject) {
        // A word that says only that there is something is one word, however often it is said meanwhile.
        guard !message.isEmpty else { return notices.say([subject.rawValue]) }
        let number = number.withLockedValue { number in
            number += 1
            return number
        }
        notices.say(BusFragments.words(for: message, subject.rawValue, as: "\(sender).\(number)"))
    }

    private func hear(_ occurrence: PostgreSQLNotices.Occurrence) {
        switch occurrence {
        case .connected:
            for hear in hearers.withLockedValue({ $0.values.flatMap { $0 } }) { hear(.connected) }
        case .heard(let word):
            guard let (name, message) = fragments.withLockedValue({ $0.add(word) }),
                let subject = BusSubject(rawValue: name)
            else { return }
            for hear in hearers.withLockedValue({ $0[subject] ?? [] }) { hear(.message(message)) }
        }
    }
}

/// Messages in words that are short enough for NOTIFY: `SUBJECT`, or `SUBJECT ID INDEX COUNT BASE64`.
struct BusFragments {
    /// In base64 it stays below NOTIFY's 8,000 bytes.
    static let piece_bytes = 5700
    /// So much may wait for its other parts; a sender that dies leaves some.
    static let maximumWaiting_bytes = 1 << 20
    /// What is longer is not sent: it is nothing for a bus.
    static let maximum_bytes = 256 << 10

    private struct Partial {
        let id: String
        var pieces: [[UInt8]]
    }

    private var waiting: [Partial] = []

    static func words(for message: [UInt8], _ subject: String, as id: String) -> [String] {
        guard message.count <= maximum_bytes else { return [] }
        let count = (message.count + piece_bytes - 1) / piece_bytes
        return (0..<count).map { index in
            let piece = message[index * piece_bytes..<min((index + 1) * piece_bytes, message.count)]
            return "\(subject) \(id) \(index) \(count) \(Base64URL.encode(Array(piece)))"
        }
    }

    /// - Returns: the subject and the message that is complete by that word.
    mutating func add(_ word: String) -> (subject: String, message: [UInt8])? {
        let parts = word.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 { return (parts[0], []) }
        guard parts.count == 5, let index = Int(parts[2]), let count = Int(parts[3]),
            (1...Self.maximum_bytes / Self.piece_bytes + 1).contains(count), (0..<count).contains(index),
            let piece = Base64URL.decode(parts[4])
        else { return nil }
        if count == 1 { return (parts[0], piece) }
        return add(piece, index, of: count, id: parts[1]).map { (parts[0], $0) }
    }

    /// The parts of a message come in order, or not at all.
    private mutating func add(_ piece: [UInt8], _ index: Int, of count: Int, id: String) -> [UInt8]? {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else {
            if index == 0 { waiting.append(Partial(id: id, pieces: [piece])) }
            makeRoom()
            return nil
        }
        guard waiting[place].pieces.count == index else {
            waiting.remove(at: place)
            return nil
        }
        waiting[place].pieces.append(piece)
        guard index == count - 1 else {
            makeRoom()
            return nil
        }
        return Array(waiting.remove(at: place).pieces.joined())
    }

    private mutating func makeRoom() {
        var bytes = waiting.reduce(0) { $0 + $1.pieces.reduce(0) { $0 + $1.count } }
        while bytes > Self.maximumWaiting_bytes, let first = waiting.first {
            bytes -= first.pieces.reduce(0) { $0 + $1.count }
            waiting.removeFirst()
        }
    }
}

import Database
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers

/// The bus by way of the database that the nodes share (LISTEN, NOTIFY): nothing more has to be run. Good for some nodes.
public final class PostgreSQLBus: MessageBus {
    private struct State {
        var isConnected = false
        var lastNumber: UInt64 = 0
        /// When a node was heard last that says what it says only here.
        var heardLonelyAt: ContinuousClock.Instant?
    }

    private let notices: PostgreSQLNotices
    private let seal: BusSeal
    private let hearers = BusHearers()
    private let figures = BusFigures(.postgresql)
    private let fragments = NIOLockedValueBox(BusFragments())
    private let sender = String(UInt64.random(in: 0 ... .max), radix: 36)
    private let state = NIOLockedValueBox(State())

    /// - Throws: `DatabaseError.unavailable` without a free file descriptor.
    public init(url: String, seal: BusSeal, logger: Logger) throws {
        notices = try PostgreSQLNotices(url: url, logger: logger)
        self.seal = seal
    }

    public var broken: Set<BusWay> { state.withLockedValue { $0.isConnected } ? [] : [.postgresql] }

    public func carries(_ subject: BusSubject) -> Bool { subject.goesByPostgreSQL && broken.isEmpty }

    var heardLonelyAt: ContinuousClock.Instant? { state.withLockedValue { $0.heardLonelyAt } }

    public func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void) {
        hearers.add(subject, hear)
    }

    public func start() {
        notices.start { [weak self] occurrence in self?.hear(occurrence) }
    }

    public func close() async { await notices.close() }

    public func publish(_ message: [UInt8], to subject: BusSubject) { say(message, BusTitle(subject: subject)) }

    /// Sends what was sent by a quicker way, for those that do not have that.
    func publishCopy(_ message: [UInt8], to subject: BusSubject) {
        say(message, BusTitle(subject: subject, isCopy: true))
    }

    private func say(_ message: [UInt8], _ title: BusTitle) {
        guard title.subject.goesByPostgreSQL else { return }
        guard message.count <= MessageSize.maximum_bytes else { return figures.lost(title.subject) }
        figures.sent(title.subject)
        let words: [String]
        if message.isEmpty {
            // A word that says only that there is something is one word, however often it is said meanwhile.
            words = [title.text]
        } else {
            let number = state.withLockedValue { state in
                state.lastNumber += 1
                return state.lastNumber
            }
            words = BusFragments.words(
                for: seal.sealed(message, title.subject), title.text, as: "\(sender).\(number)")
        }
        for word in notices.say(words) where BusFragments.begins(word) {
            if let lost = BusFragments.title(of: word) { figures.lost(lost.subject) }
        }
    }

    private func hear(_ occurrence: PostgreSQLNotices.Occurrence) {
        switch occurrence {
        case .connected:
            state.withLockedValue { $0.isConnected = true }
            figures.connects()
            hearers.tellConnected()
        case .disconnected:
            state.withLockedValue { $0.isConnected = false }
            figures.broke()
        case .heard(let word):
            guard let (text, sealed) = fragments.withLockedValue({ $0.add(word) }), let title = BusTitle(text),
                title.subject.goesByPostgreSQL
            else { return }
            guard let message = seal.opened(sealed, title.subject) else { return figures.refused(title.subject) }
            // Anybody may say what says nothing; each node says more at least once a second.
            if !title.isCopy, !message.isEmpty { state.withLockedValue { $0.heardLonelyAt = .now } }
            figures.heard(title.subject)
            hearers.tell(message, on: title.subject)
        }
    }
}

/// What stands before a message: `presence`, or `presence*` for what was sent by a quicker way, too.
struct BusTitle: Sendable, Equatable {
    let subject: BusSubject
    var isCopy = false

    init(subject: BusSubject, isCopy: Bool = false) {
        self.subject = subject
        self.isCopy = isCopy
    }

    /// Nil for what only a later version knows.
    init?(_ text: String) {
        let isCopy = text.hasSuffix("*")
        guard let subject = BusSubject(rawValue: isCopy ? String(text.dropLast()) : text) else { return nil }
        self.init(subject: subject, isCopy: isCopy)
    }

    var text: String { subject.rawValue + (isCopy ? "*" : "") }
}

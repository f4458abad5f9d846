import NIOConcurrencyHelpers

/// Who wants to hear of what.
struct BusHearers: Sendable {
    typealias Hear = @Sendable (BusNews) -> Void

    private let all = NIOLockedValueBox<[BusSubject: [Hear]]>([:])

    func add(_ subject: BusSubject, _ hear: @escaping Hear) {
        all.withLockedValue { $0[subject, default: []].append(hear) }
    }

    func tellConnected() {
        for hear in all.withLockedValue({ $0.values.flatMap { $0 } }) { hear(.connected) }
    }

    func tell(_ message: [UInt8], on subject: BusSubject) {
        for hear in all.withLockedValue({ $0[subject] ?? [] }) { hear(.message(message)) }
    }
}

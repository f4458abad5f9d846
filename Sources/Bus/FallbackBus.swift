import NIOConcurrencyHelpers

/// NATS, and PostgreSQL where NATS does not reach.
///
/// A node that has NATS sends by it; one that has it not sends by PostgreSQL; each hears both. Who is heard by PostgreSQL alone does
/// not hear NATS either, so for some seconds everything is sent by both, to be heard twice by some.
public final class FallbackBus: MessageBus {
    /// Each node says at least once a second that it is there.
    private static let patience = Duration.seconds(5)

    private let quick: NATSBus
    private let sure: PostgreSQLBus

    public init(_ quick: NATSBus, or sure: PostgreSQLBus) {
        self.quick = quick
        self.sure = sure
    }

    public var broken: Set<BusWay> { quick.broken.union(sure.broken) }

    public func carries(_ subject: BusSubject) -> Bool { quick.carries(subject) || sure.carries(subject) }

    public func publish(_ message: [UInt8], to subject: BusSubject) {
        guard quick.broken.isEmpty else { return sure.publish(message, to: subject) }
        quick.publish(message, to: subject)
        if let heardAt = sure.heardLonelyAt, .now - heardAt < Self.patience { sure.publishCopy(message, to: subject) }
    }

    public func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void) {
        quick.subscribe(to: subject, hear)
        sure.subscribe(to: subject, hear)
    }

    public func start() {
        sure.start()
        quick.start()
    }

    public func close() async {
        await quick.close()
        await sure.close()
    }
}

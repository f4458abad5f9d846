/// What nodes of an instance tell each other about.
public enum BusSubject: String, Sendable, CaseIterable {
    /// There is something new in the event log. Says up to where, or nothing more.
    case log
    /// What is new in the event log, where that costs PostgreSQL nothing.
    case events
    /// Something waits for its place in the event log. Says nothing more.
    case outbox
    /// Something that is told to those who are there, and kept nowhere, such as typing.
    case transient
    /// The maintenance mode was switched. Says nothing more.
    case maintenance
    /// Who is connected to which node.
    case presence
    /// What was let through of what there may not be too much of.
    case limits
    /// What devices say to the media server of another node.
    case voice
}

extension BusSubject {
    /// What is read from PostgreSQL for less than it costs to send it by PostgreSQL is not sent so.
    var goesByPostgreSQL: Bool { self != .events }
}

/// What comes by the bus.
public enum BusNews: Sendable, Equatable {
    /// From here on messages are heard; some may have been sent while nobody listened.
    case connected
    /// Another node has sent something.
    case message([UInt8])
}

/// By what messages go.
public enum BusWay: String, Sendable {
    case postgresql
    case nats
}

/// A way between the nodes of an instance, for what can be lost without harm, or come late or twice. What matters stands in the
/// database, which is looked at in any case.
public protocol MessageBus: Sendable {
    /// The ways that go nowhere at present.
    var broken: Set<BusWay> { get }

    /// Whether what is sent of a subject goes anywhere at present.
    func carries(_ subject: BusSubject) -> Bool

    /// Sends to all other nodes. Never waits; when more is sent than the way takes, something is lost.
    /// - Parameter message: at most `MessageSize.maximum_bytes`; what is longer is lost.
    func publish(_ message: [UInt8], to subject: BusSubject)

    /// To be called before `start`.
    /// - Parameter hear: called from one thread for each way, which it must not block.
    func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void)

    func start()

    /// Sends what waits, if there is a connection, and hears no more.
    func close() async
}

/// What a message on the bus may weigh.
public enum MessageSize {
    /// What is longer is nothing for a bus.
    public static let maximum_bytes = (256 << 10) - 64
    static let maximumSealed_bytes = maximum_bytes + BusSeal.length_bytes
}

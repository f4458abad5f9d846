/// What nodes of an instance tell each other about.
public enum BusSubject: String, Sendable, CaseIterable {
    /// There is something new in the event log. Says nothing more.
    case log
    /// Something waits for its place in the event log. Says nothing more.
    case outbox
    /// Something that is told to those who are there, and kept nowhere, such as typing.
    case transient
    /// The maintenance mode was switched. Says nothing more.
    case maintenance
    /// Who is connected to which node.
    case presence
}

/// What comes by the bus.
public enum BusNews: Sendable, Equatable {
    /// From here on messages are heard; some may have been sent while nobody listened.
    case connected
    /// Another node has sent something.
    case message([UInt8])
}

/// A way between the nodes of an instance, for what can be lost without harm: each message comes at most once. What matters stands
/// in the database, which is looked at in any case.
public protocol MessageBus: Sendable {
    /// Sends to all other nodes. Never waits; when more is sent than the way takes, the oldest is lost.
    func publish(_ message: [UInt8], to subject: BusSubject)

    /// To be called before `start`.
    /// - Parameter hear: called from one thread, which it must not block.
    func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void)

    func start()

    /// Sends what waits, if there is a connection.
    func close() async
}

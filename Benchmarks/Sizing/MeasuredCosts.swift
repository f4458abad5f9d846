/// What each thing that happens in a cluster was seen to cost. Times are CPU time.
public struct MeasuredCosts: Sendable, Equatable {
    /// What a node spends on a message that it is asked to send.
    public var send_us = 0.0
    /// What the leading node spends besides on an event that it gives its position.
    public var placing_us = 0.0
    /// What a node spends on an event that nobody connected to it hears, whoever sent it.
    public var unheard_us = 0.0
    /// What a node spends on an event that somebody connected to it hears, the deliveries apart.
    public var heard_us = 0.0
    /// What a node spends on writing an event to a socket.
    public var delivery_us = 0.0
    /// What a node spends on somebody who connects, up to READY.
    public var session_us = 0.0
    /// What a node spends in a second on itself.
    public var idle_us = 0.0
    /// What a node spends in a second on each other node that is there.
    public var neighbour_us = 0.0

    /// What PostgreSQL spends on a message and its event, when there is one node.
    public var storing_us = 0.0
    /// What PostgreSQL spends besides on an event for each further node.
    public var reading_us = 0.0
    /// What PostgreSQL spends on somebody who connects.
    public var sessionReading_us = 0.0

    /// What PostgreSQL writes into its log (WAL) for a message.
    public var log_bytes = 0.0
    /// What comes by the bus to a node where nobody hears an event, for that event.
    public var unheardWord_bytes = 0.0
    /// What comes by the bus to a node where somebody hears an event, for that event.
    public var heardWord_bytes = 0.0
    /// What a node says in a second to each other one.
    public var neighbour_bytes = 0.0
    /// What a socket carries for an event.
    public var delivery_bytes = 0.0

    /// A node's memory before anybody is connected.
    public var node_bytes = 0.0
    /// A node's memory for somebody who is connected; the kernel's is not in it.
    public var session_bytes = 0.0

    public init() {}
}

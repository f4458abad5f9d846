import Database

/// This node among the others of its instance.
public struct NodeLink: Sendable {
    /// Its own name, which no other node has, and which it does not have again after a restart.
    public let name: String
    public let bus: any MessageBus
    /// The names of all nodes that the database knows to be there, this one among them, and programs that look after the instance.
    public let living: @Sendable (Transaction) throws -> Set<String>

    public init(
        name: String, bus: any MessageBus, living: @escaping @Sendable (Transaction) throws -> Set<String>
    ) {
        self.name = name
        self.bus = bus
        self.living = living
    }
}

import Events

extension Relationships {
    package static let events: [EventDeclaration] = [.init(.relationshipAdd), .init(.relationshipRemove)]
}

extension EventKind where Payload == Relationship {
    static var relationshipAdd: Self {
        Self("RELATIONSHIP_ADD", heardBy: "each side its own", "Somebody asked, became a friend or was blocked.")
    }
}

extension EventKind where Payload == RelationshipRemovedEvent {
    static var relationshipRemove: Self {
        Self("RELATIONSHIP_REMOVE", heardBy: "each side its own", "A request, a friendship or a block is over.")
    }
}

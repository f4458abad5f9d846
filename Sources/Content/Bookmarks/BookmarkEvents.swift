import Events

extension Bookmarks {
    package static let events: [EventDeclaration] = [.init(.messageBookmarkAdd), .init(.messageBookmarkRemove)]
}

extension EventKind where Payload == BookmarkEvent {
    static var messageBookmarkAdd: Self {
        Self("MESSAGE_BOOKMARK_ADD", heardBy: "one's own devices", "A message was bookmarked.")
    }
}

extension EventKind where Payload == BookmarkRemovedEvent {
    static var messageBookmarkRemove: Self {
        Self("MESSAGE_BOOKMARK_REMOVE", heardBy: "one's own devices", "A bookmark was removed.")
    }
}

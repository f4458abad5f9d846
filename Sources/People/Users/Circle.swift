/// Whom somebody lets see or do something (contract: REST, Profiles, Messaging settings).
package enum Circle: String, CaseIterable, Sendable {
    case everyone
    /// Friends, and members of a server that both are in.
    case contacts
    case friends
    case nobody

    package func includes(_ closeness: Closeness) -> Bool {
        switch self {
        case .everyone: closeness >= .stranger
        case .contacts: closeness >= .contact
        case .friends: closeness >= .friend
        case .nobody: closeness == .oneself
        }
    }
}

/// How close one is to somebody else.
package enum Closeness: Int, Comparable, Sendable {
    /// Kept away by a block.
    case blocked
    case stranger
    /// In a server with them.
    case contact
    case friend
    case oneself

    package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

import Kernel

/// Whether somebody is there, as others see it (contract: REST, Users).
package struct Presence: Sendable, Equatable {
    package enum Status: String, CaseIterable, Sendable {
        case online
        case idle
        case dnd
        /// Shows to others as offline.
        case invisible
        case offline
    }

    let user: UserID
    var status: Status
    var customStatus: String?
    var customEmoji: String?
    var lastSeen: Timestamp?

    static func offline(_ user: UserID, lastSeen: Timestamp? = nil) -> Presence {
        Presence(user: user, status: .offline, lastSeen: lastSeen)
    }
}

extension Presence: JSONObjectEncodable {
    package static let shape = JSONShape<Presence>(
        "Presence",
        .field("user_id", \.user),
        .field("status", \.status.rawValue),
        .field("custom_status", \.customStatus),
        .field("custom_emoji", \.customEmoji),
        .field("last_seen", \.lastSeen))
}

/// What somebody wants to be shown as, whichever device they use.
struct PresenceChoice: Sendable, Equatable {
    var status: Presence.Status = .online
    var customStatus: String?
    var customEmoji: String?
    /// When the custom status ends.
    var expiresAt: Timestamp?

    /// Without what has run out.
    func current(at now: Timestamp) -> PresenceChoice {
        guard let expiresAt, expiresAt <= now else { return self }
        return PresenceChoice(status: status)
    }

    var isHidden: Bool { status == .invisible || status == .offline }
}

/// What somebody asks to be shown as.
struct WantedPresence: Sendable {
    let status: Presence.Status
    let customStatus: String?
    let customEmoji: String?
    let expiresAt: Change<Timestamp>

    /// A text that stays as it is keeps its end where none is named: who only wants quiet does not keep it for ever.
    func applied(to old: PresenceChoice) -> PresenceChoice {
        let isSame = (old.customStatus, old.customEmoji) == (customStatus, customEmoji)
        return PresenceChoice(
            status: status, customStatus: customStatus, customEmoji: customEmoji,
            expiresAt: expiresAt.applied(to: isSame ? old.expiresAt : nil))
    }
}

/// How the statuses of several devices make one: who wants quiet anywhere has it everywhere, who is active anywhere is there,
/// and only who is idle everywhere is idle. A person's own choice, if it is another than "online", stands above the devices.
enum PresenceMerge {
    static func status(choice: Presence.Status, devices: [Presence.Status]) -> Presence.Status {
        let shown = devices.filter { $0 != .invisible && $0 != .offline }
        guard !shown.isEmpty, choice != .invisible, choice != .offline else { return .offline }
        if choice != .online { return choice }
        if shown.contains(.dnd) { return .dnd }
        return shown.contains(.online) ? .online : .idle
    }
}

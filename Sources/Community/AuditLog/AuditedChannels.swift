import Database
import Events
import Kernel

/// What decides how much of a log entry somebody may know: the audit log tells nothing of a channel that its reader can't
/// see, and no invite's code to one who could not list it.
struct AuditedChannels {
    /// What counts in each channel that is there, and what counted in the others when they were deleted.
    private let inForce: [ChannelID: [PermissionOverwrite]]
    /// The private threads among them, each with its channel.
    private let parents: [ChannelID: ChannelID]
    private let members: [ChannelID: Set<UserID>]

    init(for entries: [AuditEntry], _ tx: Transaction) throws {
        let named = Set(entries.compactMap { $0.target?.channel })
        let channels = try named.sorted().compactMap { try ChannelStore.channel($0, tx) }
        let parents = Dictionary(
            uniqueKeysWithValues: channels.compactMap { channel in
                channel.thread.flatMap { $0.isPrivate ? (channel.id, $0.parent) : nil }
            })
        let seen = try channels + Set(parents.values).sorted().compactMap { try ChannelStore.channel($0, tx) }
        let decisive = Set(seen.map(\.id) + seen.compactMap(\.category))
        let overwrites = decisive.isEmpty ? [:] : try ChannelStore.overwrites(of: decisive.sorted(), tx)
        var inForce = Dictionary(seen.map { ($0.id, $0.inForce(overwrites)) }) { first, _ in first }
        for (thread, parent) in parents { inForce[thread] = inForce[parent] }
        let deleted = try AuditLogStore.lastOverwrites(of: named.filter { inForce[$0] == nil }, tx)
        inForce.merge(deleted) { there, _ in there }
        self.inForce = inForce
        self.parents = parents
        self.members = try parents.keys.reduce(into: [:]) { members, thread in
            members[thread] = Set(try ThreadMemberStore.members(of: thread, tx))
        }
    }

    /// What `version` asks about.
    private static let deciding = PermissionSet.sight.union([.serverManage])

    /// What decides who may know of them.
    func rules(in server: Server, _ roles: [Role]) -> [PlaceRules] {
        ([[]] + inForce.values).map { PlaceRules(in: server, roles: roles, overwrites: $0, deciding: Self.deciding) }
    }

    /// - Parameters:
    ///   - reader: how they stand in the server, which may be how others do, too.
    ///   - user: who they are.
    func version(of entry: AuditEntry, for reader: PermissionHolder, as user: UserID) -> AuditEntry.Version {
        let inServer = EffectivePermissions.inServer(reader)
        guard entry.isConfidential, !inServer.contains(.administrator) else { return .whole }
        // Where nothing is known of the channel any more, nobody else is told.
        guard let channel = entry.target?.channel, let overwrites = inForce[channel] else { return .withoutContent }
        let inChannel = EffectivePermissions.inChannel(reader, overwrites: overwrites)
        guard inChannel.contains(.channelsView),
            parents[channel] == nil || inChannel.keeps(.threadsManage) || isMember(user, of: channel)
        else { return .withoutContent }
        return entry.target?.kind == .invite && !inServer.contains(.serverManage) ? .withoutCode : .whole
    }

    /// Through what somebody sees a channel who sees it.
    func audience(of channel: ChannelID, for user: UserID) -> Audience {
        guard let parent = parents[channel], !isMember(user, of: channel) else { return .channel(channel) }
        return .privateThreads(of: parent)
    }

    private func isMember(_ user: UserID, of thread: ChannelID) -> Bool { members[thread]?.contains(user) == true }
}

extension AuditEntry {
    /// How much of an entry somebody is told.
    enum Version {
        case whole
        /// An invite without its code, which is a key to the server.
        case withoutCode
        /// That something was done, and by whom; not where, nor what.
        case withoutContent
    }

    /// Whether not everybody who reads the log may know all of it.
    var isConfidential: Bool {
        switch target?.kind {
        case .channel, .thread, .message, .webhook, .invite: true
        case .event: target?.channel != nil
        case .server, .role, .user, .emoji, .sticker, .sound, nil: false
        }
    }

    func told(_ version: Version) -> AuditEntry {
        let hidden = JSON.object(["hidden": .bool(true)])
        let target = target.map { AuditTarget(kind: $0.kind, id: version == .withoutContent ? nil : $0.id) }
        let changes = changes.reduce(into: changes) { changes, change in
            let isHidden = version == .withoutContent || version == .withoutCode && change.key == "code"
            if isHidden { changes[change.key] = hidden }
        }
        return AuditEntry(
            id: id, server: server, user: user, action: action, target: target, changes: changes,
            reason: version == .withoutContent ? nil : reason, createdAt: createdAt)
    }
}

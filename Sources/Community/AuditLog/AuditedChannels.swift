import Database
import Kernel

/// What decides how much of a log entry somebody may know: the audit log tells nothing of a channel that its reader can't
/// see, and no invite's code to one who could not list it.
struct AuditedChannels {
    /// What counts in each channel that is there, and what counted in the others when they were deleted.
    private let inForce: [ChannelID: [PermissionOverwrite]]

    init(for entries: [AuditEntry], _ tx: Transaction) throws {
        let named = Set(entries.compactMap { $0.target?.channel })
        let channels = try named.sorted().compactMap { try ChannelStore.channel($0, tx) }
        let decisive = Set(channels.map(\.id) + channels.compactMap(\.category))
        let overwrites = decisive.isEmpty ? [:] : try ChannelStore.overwrites(of: decisive.sorted(), tx)
        var inForce = Dictionary(uniqueKeysWithValues: channels.map { ($0.id, $0.inForce(overwrites)) })
        let deleted = try AuditLogStore.lastOverwrites(of: named.filter { inForce[$0] == nil }, tx)
        inForce.merge(deleted) { there, _ in there }
        self.inForce = inForce
    }

    var overwrites: [PermissionOverwrite] { inForce.values.flatMap(\.self) }

    func version(of entry: AuditEntry, for reader: PermissionHolder) -> AuditEntry.Version {
        let inServer = EffectivePermissions.inServer(reader)
        guard entry.isConfidential, !inServer.contains(.administrator) else { return .whole }
        // Where nothing is known of the channel any more, nobody else is told.
        guard let channel = entry.target?.channel, let overwrites = inForce[channel],
            EffectivePermissions.inChannel(reader, overwrites: overwrites).contains(.channelsView)
        else { return .withoutContent }
        return entry.target?.kind == .invite && !inServer.contains(.serverManage) ? .withoutCode : .whole
    }
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
        case .server, .role, .user, .emoji, .sticker, nil: false
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

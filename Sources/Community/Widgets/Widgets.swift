import Database
import Features
import Kernel

/// What servers show of themselves on other pages, without login.
struct Widgets: Sendable {
    static let cacheTime_s = 60

    let parts: Parts
    let auditLog: AuditLog

    struct Change: Sendable {
        let isEnabled: Bool?
        let channel: Kernel.Change<ChannelID>
    }

    /// - Throws: `.permissionDenied` without `server.manage`.
    func read(_ id: ServerID, for caller: Caller) async throws -> Widget {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            return try Self.shown(try WidgetStore.widget(of: id, tx), to: standing, tx)
        }
    }

    /// Without a channel that somebody else has chosen and they do not see.
    private static func shown(_ widget: Widget, to standing: Standing, _ tx: Transaction) throws -> Widget {
        guard let channel = widget.channel else { return widget }
        let isVisible = try Onboarding.visible(to: standing, tx).contains(channel)
        return Widget(isEnabled: widget.isEnabled, channel: isVisible ? channel : nil)
    }

    /// - Throws: `.permissionDenied`; `.channelNotFound`, `.accessDenied` for a channel that is not the caller's to show.
    func change(_ id: ServerID, _ change: Change, by caller: Caller) async throws -> Widget {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            let old = try WidgetStore.widget(of: id, tx)
            let new = Widget(
                isEnabled: change.isEnabled ?? old.isEnabled, channel: change.channel.applied(to: old.channel))
            if case .set(let channel) = change.channel {
                guard try ChannelStore.channel(channel, tx)?.server == id else { throw APIError.channelNotFound }
                _ = try Channels.place(channel, for: caller.user, tx)
            }
            if new != old {
                try WidgetStore.set(new, of: id, tx)
                // Which channel it was before is not for everybody who sees the new one.
                try auditLog.record(
                    .widgetUpdate, new.channel.map { .channel($0) } ?? .server(id), in: id, by: caller,
                    changes: ["enabled": AuditChanges.change(from: .bool(old.isEnabled), to: .bool(new.isEnabled))],
                    tx)
            }
            return try Self.shown(new, to: standing, tx)
        }
    }

    /// What anybody may know.
    /// - Parameter origin: what links begin with.
    /// - Throws: `.serverNotFound`; `.accessDenied` where it is off.
    func report(_ id: ServerID, linkingTo origin: String) async throws -> WidgetReport {
        try await parts.database.read { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            let widget = try WidgetStore.widget(of: id, tx)
            guard widget.isEnabled else { throw APIError.accessDenied }
            let code = try widget.channel.flatMap { try invite(to: $0, of: server, tx) }?.code
            return WidgetReport(
                server: server, presenceCount: try PresenceStore.onlineCounts(in: [id], tx)[id] ?? 0,
                invite: code.map { "\(origin)/invite/\($0)" })
        }
    }

    /// An invite that everybody may use: to a channel that everyone in the server sees, for as many as like, and to stay.
    private func invite(to id: ChannelID, of server: Server, _ tx: Transaction) throws -> Invite? {
        guard !parts.configuration.disabledModules.contains(.invites) else { return nil }
        let stranger = Standing(
            server: server, holder: try Onboarding.stranger(UserID(rawValue: 0), in: server, tx))
        guard try Onboarding.visible(to: stranger, tx).contains(id) else { return nil }
        return try InviteStore.invites(of: server.id, tx).first {
            $0.channel == id && $0.maxUses == 0 && !$0.temporary
        }
    }
}

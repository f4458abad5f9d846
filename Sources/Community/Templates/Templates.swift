import Database
import Features
import Kernel

/// Servers as patterns: taking one, and making others after it.
struct Templates: Sendable {
    static let cap = Cap("templates", per: .server, 5, .refused(field: "server"))
    /// Without the characters that are taken for one another.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
    private static let codeLength = 12

    let parts: Parts
    let servers: Servers
    let auditLog: AuditLog

    // MARK: Reading

    /// - Throws: `.permissionDenied` without `server.manage`.
    func list(_ server: ServerID, for caller: Caller) async throws -> [TemplateReport] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.serverManage)
            return try TemplateStore.templates(of: server, tx).filter { Self.shows($0, to: standing) }
                .map { try Self.report($0, tx) }
        }
    }

    /// - Throws: `.resourceNotFound`.
    func read(_ code: String) async throws -> TemplateReport {
        try await parts.database.read { tx in try Self.report(try Self.required(code, tx), tx) }
    }

    /// What can't be a code is not even looked up.
    static func required(_ code: String, _ tx: Transaction) throws -> Template {
        guard code.count == codeLength, code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
            let template = try TemplateStore.template(code, tx)
        else { throw APIError.resourceNotFound }
        return template
    }

    private static func report(_ template: Template, _ tx: Transaction) throws -> TemplateReport {
        let isMember = try MemberStore.isMember(template.takenBy, of: template.source, tx)
        guard isMember, let server = try ServerStore.server(template.source, tx) else {
            return TemplateReport(template: template, isDirty: true)
        }
        let now = try snapshot(of: server, asSeenBy: template.takenBy, tx)
        return TemplateReport(template: template, isDirty: now != template.snapshot)
    }

    private static func snapshot(
        of server: Server, asSeenBy user: UserID, _ tx: Transaction
    ) throws -> ServerSnapshot {
        let tree = try ChannelTree(of: server.id, tx)
        let holder = try Servers.holder(user, in: server, tx)
        let visible = tree.channels.filter {
            Channels.place($0, holder, tree.overwrites).permissions.contains(.channelsView)
        }
        return ServerSnapshot(
            of: server, roles: try RoleStore.roles(of: server.id, tx), visible: visible, overwrites: tree.overwrites,
            welcome: try OnboardingStore.setup(of: server.id, tx).welcome)
    }

    // MARK: Keeping

    struct Draft: Sendable {
        let name: String
        let description: String?
    }

    struct Change: Sendable {
        let name: String?
        let description: Kernel.Change<String>
    }

    func create(_ draft: Draft, of id: ServerID, by caller: Caller) async throws -> TemplateReport {
        let code = parts.randomness.string(Self.codeLength, of: Self.alphabet)
        return try await parts.database.write { tx in
            let server = try managed(id, by: caller, tx).server
            try Self.cap.requireRoom(try TemplateStore.count(of: id, tx))
            let template = Template(
                code: code, source: id, name: draft.name, description: draft.description, creator: caller.user,
                takenBy: caller.user, snapshot: try Self.snapshot(of: server, asSeenBy: caller.user, tx),
                usageCount: 0, createdAt: tx.now, updatedAt: tx.now)
            try TemplateStore.insert(template, tx)
            try record(.templateCreate, nil, template, by: caller, tx)
            return TemplateReport(template: template, isDirty: false)
        }
    }

    /// Takes the server as it is now, and as the caller sees it.
    func renew(_ code: String, of id: ServerID, by caller: Caller) async throws -> TemplateReport {
        try await parts.database.write { tx in
            let standing = try managed(id, by: caller, tx)
            let (server, old) = (standing.server, try Self.own(code, for: standing, tx))
            var new = old
            new.snapshot = try Self.snapshot(of: server, asSeenBy: caller.user, tx)
            new.takenBy = caller.user
            new.updatedAt = tx.now
            try TemplateStore.update(new, tx)
            try record(.templateUpdate, old, new, by: caller, tx)
            return TemplateReport(template: new, isDirty: false)
        }
    }

    func change(_ code: String, _ change: Change, of id: ServerID, by caller: Caller) async throws -> TemplateReport {
        try await parts.database.write { tx in
            let old = try Self.own(code, for: try managed(id, by: caller, tx), tx)
            var new = old
            new.name = change.name ?? old.name
            new.description = change.description.applied(to: old.description)
            if new.name != old.name || new.description != old.description {
                new.updatedAt = tx.now
                try TemplateStore.update(new, tx)
                try record(.templateUpdate, old, new, by: caller, tx)
            }
            return try Self.report(new, tx)
        }
    }

    func delete(_ code: String, of id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let template = try Self.own(code, for: try managed(id, by: caller, tx), tx)
            try TemplateStore.delete(code, tx)
            try record(.templateDelete, template, nil, by: caller, tx)
        }
    }

    private func managed(_ id: ServerID, by caller: Caller, _ tx: Transaction) throws -> Standing {
        let standing = try Servers.standing(of: caller.user, in: id, tx)
        try standing.permissions.require(.serverManage)
        return standing
    }

    private static func own(_ code: String, for standing: Standing, _ tx: Transaction) throws -> Template {
        let template = try required(code, tx)
        guard template.source == standing.server.id else { throw APIError.resourceNotFound }
        guard shows(template, to: standing) else { throw APIError.accessDenied }
        return template
    }

    /// A snapshot has what its taker saw, which may be more than other managers do.
    private static func shows(_ template: Template, to standing: Standing) -> Bool {
        template.takenBy == standing.holder.user || standing.permissions.contains(.administrator)
    }

    /// Neither the code nor what is in the snapshot: not every reader of the log may know them.
    private func record(
        _ action: AuditAction, _ old: Template?, _ new: Template?, by caller: Caller, _ tx: Transaction
    ) throws {
        guard let server = (new ?? old)?.source else { return }
        let text = { (text: String?) in text.map { JSON.string($0) } ?? .null }
        var changes = ["name": AuditChanges.change(from: text(old?.name), to: text(new?.name))]
        if old?.description != new?.description {
            changes["description"] = AuditChanges.change(from: text(old?.description), to: text(new?.description))
        }
        try auditLog.record(action, .server(server), in: server, by: caller, changes: changes, tx)
    }

    // MARK: Using

    /// Makes a server after a template, whole or not at all.
    /// - Throws: `.resourceNotFound`; `.invalidInput` when the caller is in as many servers as is allowed, and for more
    ///   channels than there may be by now.
    func found(_ name: String, after code: String, by caller: Caller) async throws -> Server {
        try await parts.database.write { tx in
            try servers.found(name, nil, after: try Self.required(code, tx), by: caller, tx)
        }
    }
}

extension Servers {
    func found(
        _ name: String, _ description: String?, after template: Template, by caller: Caller, _ tx: Transaction
    ) throws -> Server {
        let snapshot = template.snapshot
        let maximum = parts.configuration.channelsPerServer
        guard snapshot.channels.count <= maximum, snapshot.roles.count <= Roles.maximumPerServer else {
            throw APIError.invalidInput("template", "has more channels or roles than a server may have")
        }
        let id: ServerID = parts.ids.next()
        let roles = snapshot.roles.enumerated().map { number, role in
            Role(
                id: parts.ids.next(), server: id, name: role.name, color: role.color, position: role.position,
                permissions: role.permissions, hoist: role.hoist, mentionable: role.mentionable,
                isDefault: number == 0)
        }
        let ids = snapshot.channels.map { _ in parts.ids.next(ChannelID.self) }
        let channel = { (number: Int) in ids.indices.contains(number) ? ids[number] : nil }
        let channels = zip(ids, snapshot.channels).map { id, kept in
            var made = Channel(
                id: id, server: roles.first?.server, name: kept.name, type: kept.type, topic: kept.topic,
                position: kept.position, category: kept.category.flatMap(channel), nsfw: kept.nsfw,
                slowmode_s: kept.slowmode_s, forwarding: kept.forwarding, createdAt: tx.now,
                defaultAutoArchive_min: kept.defaultAutoArchive_min, readReceipts: kept.readReceipts, voice: kept.voice)
            made.overwrites = kept.overwrites.compactMap { overwrite in
                guard roles.indices.contains(overwrite.role) else { return nil }
                return PermissionOverwrite(
                    .role(roles[overwrite.role].id), allow: overwrite.allow, deny: overwrite.deny)
            }
            return made
        }
        let server = Server(
            id: id, name: name, description: description, owner: caller.user, memberCount: 1,
            defaultChannel: snapshot.defaultChannel.flatMap(channel), afkChannel: snapshot.afkChannel.flatMap(channel),
            afkTimeout_s: snapshot.afkTimeout_s, createdAt: tx.now)
        if let welcome = snapshot.welcome {
            var setup = OnboardingSetup()
            setup.welcome = WelcomeScreen(
                isEnabled: welcome.isEnabled, description: welcome.description,
                channels: welcome.channels.compactMap { entry in
                    channel(entry.channel).map {
                        WelcomeScreen.Entry(channel: $0, description: entry.description, emoji: entry.emoji)
                    }
                })
            try OnboardingStore.set(setup, of: id, tx)
        }
        try TemplateStore.use(template.code, tx)
        return try found(server, roles: roles, channels: channels, tx)
    }
}

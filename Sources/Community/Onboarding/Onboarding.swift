import Database
import Events
import Features
import Kernel
import NIOConcurrencyHelpers

/// What newcomers of a server meet: its welcome screen, its rules, and its questions, whose answers give roles.
struct Onboarding: Sendable {
    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog
    /// Whether the database knows if the module is on.
    let isModuleNoted = NIOLockedValueBox(false)

    // MARK: Reading

    /// - Parameter invite: the code of an invite, for somebody who is no member yet.
    /// - Throws: `.accessDenied` for one who is no member and has no invite.
    func welcome(_ id: ServerID, invite: String?, for caller: Caller) async throws -> WelcomeScreen {
        try await parts.database.read { tx in
            let viewer = try viewer(of: id, invite: invite, caller, tx)
            let welcome = try OnboardingStore.setup(of: id, tx).welcome
            guard welcome.isEnabled || viewer.permissions.contains(.serverManage) else { return WelcomeScreen() }
            return welcome.shown(try Self.visible(to: viewer, tx))
        }
    }

    /// Who holds an invite sees what everyone in the server does.
    private func viewer(of id: ServerID, invite: String?, _ caller: Caller, _ tx: Transaction) throws -> Standing {
        guard let (server, isMember) = try tx.ask(ServerStore.server(id, asSeenBy: caller.user)) else {
            throw APIError.serverNotFound
        }
        if isMember { return try Servers.standing(of: caller.user, in: id, tx) }
        // What can't be a code is not even looked up.
        guard let code = invite, code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
            !parts.configuration.disabledModules.contains(.invites),
            let invite = try InviteStore.invite(code, tx), invite.server == id, invite.isUsable(at: tx.now)
        else { throw APIError.accessDenied }
        return Standing(server: server, holder: try Self.stranger(caller.user, in: server, tx))
    }

    /// Somebody with nothing but what @everyone has.
    static func stranger(_ user: UserID, in server: Server, _ tx: Transaction) throws -> PermissionHolder {
        guard let everyone = try RoleStore.roles(of: server.id, tx).first(where: \.isDefault) else {
            throw APIError.internalServerError
        }
        return PermissionHolder(user: user, isOwner: false, everyone: everyone.rules, roles: [])
    }

    static func visible(to viewer: Standing, _ tx: Transaction) throws -> Set<ChannelID> {
        Set(try Channels.visible(in: viewer.server.id, to: viewer.holder, tx).map(\.channel.id))
    }

    /// What is not published is for those alone who may change it.
    func rules(_ id: ServerID, for caller: Caller) async throws -> ServerRules {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            let rules = try OnboardingStore.setup(of: id, tx).rules
            return rules.isEnabled || standing.permissions.contains(.serverManage)
                ? rules : ServerRules(version: rules.version)
        }
    }

    func questionnaire(_ id: ServerID, for caller: Caller) async throws -> Questionnaire {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            return try Self.shown(try OnboardingStore.setup(of: id, tx).questionnaire, to: standing, tx)
        }
    }

    private static func shown(
        _ questionnaire: Questionnaire, to standing: Standing, _ tx: Transaction
    ) throws -> Questionnaire {
        guard questionnaire.isEnabled || standing.permissions.contains(.serverManage) else { return Questionnaire() }
        let roles = Set(try RoleStore.roles(of: standing.server.id, tx).map(\.id))
        return questionnaire.shown(try visible(to: standing, tx), roles)
    }

    func progress(_ id: ServerID, of caller: Caller) async throws -> OnboardingProgress {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            return try Newcomers.progress(of: caller.user, in: standing.server, tx)
        }
    }

    // MARK: Changing

    /// - Throws: `.permissionDenied`; `.channelNotFound`, `.accessDenied` for a channel that the caller does not see.
    func set(_ welcome: WelcomeScreen, of id: ServerID, by caller: Caller) async throws -> WelcomeScreen {
        try await change(id, by: caller) { setup, standing, tx in
            try Self.requireChannels(Set(welcome.channels.map(\.channel)), seenBy: standing, tx)
            let old = setup.welcome
            setup.welcome = welcome
            let changes = AuditChanges.between(old, welcome).filter { $0.key != "channels" }
            if old != welcome { try record(.welcomeUpdate, changes, in: id, by: caller, tx) }
            return welcome
        }
    }

    func removeWelcome(of id: ServerID, by caller: Caller) async throws {
        _ = try await set(WelcomeScreen(), of: id, by: caller)
    }

    struct RulesDraft: Sendable {
        enum Reach: Sendable {
            /// Those who come from now on.
            case newMembers
            /// Also those who are there.
            case allMembers
        }

        let isEnabled: Bool
        let rules: [String]
        let reach: Reach
    }

    /// Texts that are other than before are a new version, which is what newcomers agree to.
    func set(_ draft: RulesDraft, of id: ServerID, by caller: Caller) async throws -> ServerRules {
        try await change(id, by: caller) { setup, _, tx in
            guard !draft.isEnabled || !draft.rules.isEmpty else {
                throw APIError.invalidInput("rules", "are required where they are enabled")
            }
            let old = setup.rules
            var new = old
            new.isEnabled = draft.isEnabled
            new.rules = draft.rules
            if draft.rules != old.rules || draft.reach == .allMembers || new.version == 0 { new.version += 1 }
            if draft.reach == .allMembers { new.requiredVersion = new.version }
            setup.rules = new
            if new != old { try record(.rulesUpdate, AuditChanges.between(old, new), in: id, by: caller, tx) }
            return new
        }
    }

    /// - Throws: `.permissionDenied`; `.invalidInput` for roles that moderate, or that do not stand below the caller's;
    ///   `.roleNotFound`, `.channelNotFound`, `.accessDenied`.
    func set(_ draft: QuestionnaireDraft, of id: ServerID, by caller: Caller) async throws -> Questionnaire {
        try await change(id, by: caller) { setup, standing, tx in
            let old = setup.questionnaire
            let new = try draft.questionnaire(old, parts.ids)
            try Self.requireChannels(new.channels, seenBy: standing, tx)
            try OptionRoles(of: standing.server, tx).require(new.roles, by: standing, tx)
            setup.questionnaire = new
            setup.author = caller.user
            if old != new {
                try record(
                    .onboardingUpdate,
                    [
                        "enabled": AuditChanges.change(from: .bool(old.isEnabled), to: .bool(new.isEnabled)),
                        "questions": AuditChanges.change(from: Self.titles(old), to: Self.titles(new)),
                    ], in: id, by: caller, tx)
            }
            return try Self.shown(new, to: standing, tx)
        }
    }

    private static func titles(_ questionnaire: Questionnaire) -> JSON {
        .array(questionnaire.questions.map { .string($0.title) })
    }

    /// Lays a ready-made welcome screen and questions before those who manage the server, who go on from there.
    /// - Throws: `.alreadyExists` where one of the two is published: nobody's words are thrown away, and no newcomer set free.
    func apply(_ preset: OnboardingPreset, to id: ServerID, by caller: Caller) async throws -> Int {
        try await change(id, by: caller) { setup, standing, tx in
            guard !setup.welcome.isEnabled, !setup.questionnaire.isEnabled else { throw APIError.alreadyExists }
            let places = try Channels.visible(in: id, to: try Self.stranger(caller.user, in: standing.server, tx), tx)
            let channel = places.first { $0.channel.type == .text }?.channel.id
            setup.welcome = preset.welcome(channel)
            setup.questionnaire = try preset.questionnaire(parts.ids)
            setup.author = caller.user
            try record(
                .onboardingUpdate, ["preset": AuditChanges.change(from: .null, to: .string(preset.rawValue))], in: id,
                by: caller, tx)
            return preset.steps.count
        }
    }

    /// - Throws: `.permissionDenied` without `server.manage`.
    private func change<Result: Sendable>(
        _ id: ServerID, by caller: Caller,
        _ body: @escaping @Sendable (inout OnboardingSetup, Standing, Transaction) throws -> Result
    ) async throws -> Result {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            let old = try OnboardingStore.setup(of: id, tx)
            var setup = old
            let result = try body(&setup, standing, tx)
            guard setup != old else { return result }
            try OnboardingStore.set(setup, of: id, tx)
            tx.emit(.guildOnboardingUpdate, OnboardingEvent(server: id, setup: setup), to: .server(id))
            return result
        }
    }

    /// Of what was written of channels no entry tells, because not every reader of the log sees them.
    private func record(
        _ action: AuditAction, _ changes: [String: JSON], in id: ServerID, by caller: Caller, _ tx: Transaction
    ) throws {
        try auditLog.record(action, .server(id), in: id, by: caller, changes: changes, tx)
    }

    /// - Throws: `.channelNotFound` also for another server's, `.accessDenied`, `.invalidInput` for a category.
    private static func requireChannels(
        _ channels: Set<ChannelID>, seenBy standing: Standing, _ tx: Transaction
    ) throws {
        guard !channels.isEmpty else { return }
        let tree = try ChannelTree(of: standing.server.id, tx)
        for id in channels.sorted() {
            guard let channel = tree.byID[id] else { throw APIError.channelNotFound }
            let place = Channels.place(channel, standing.holder, tree.overwrites)
            guard place.permissions.contains(.channelsView) else { throw APIError.accessDenied }
            guard channel.type != .category else { throw APIError.invalidInput("channel_id", "is a category") }
        }
    }

    // MARK: Answering

    /// - Throws: `.invalidInput` for another version than that which holds.
    func accept(_ version: Int, of id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            let rules = try OnboardingStore.setup(of: id, tx).rules
            guard rules.isEnabled, version == rules.version else {
                throw APIError.invalidInput("version", "must be that of the rules as they are now")
            }
            try advance(caller.user, in: standing.server, tx) { $0.rulesAccepted = version }
        }
    }

    /// Answers some of the questions, and keeps what was answered of the others. The roles of what is chosen come, and those go
    /// that an earlier answer has given.
    /// - Throws: `.invalidInput` for questions and options that are not there, or for more options than one may choose.
    func answer(_ answers: OnboardingAnswers, in id: ServerID, by caller: Caller) async throws -> OnboardingOutcome {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: id, tx)
            let setup = try OnboardingStore.setup(of: id, tx)
            let questionnaire = setup.questionnaire
            guard questionnaire.isEnabled else { throw APIError.invalidInput("answers", "have no question") }
            try Self.check(answers, questionnaire)
            guard let member = try MemberStore.member(caller.user, of: id, tx) else { throw APIError.accessDenied }
            var outcome = OnboardingOutcome(isPending: false, missing: [], added: [], removed: [])
            try advance(caller.user, in: standing.server, tx) { newcomer in
                newcomer.answers = newcomer.answers.merging(answers) { $1 }
                    .filter { id, _ in questionnaire.questions.contains { $0.id == id } }
                let missing = questionnaire.missing(newcomer.answers)
                if newcomer.questions != .free { newcomer.questions = missing.isEmpty ? .answered : .open }
                let chosen = questionnaire.questions.flatMap { $0.chosen(newcomer.answers) }.flatMap(\.roles)
                let wanted = try OptionRoles(of: standing.server, tx).givable(Set(chosen), byAuthor: setup.author, tx)
                let (before, given) = (Set(member.roles), Set(newcomer.givenRoles))
                let (added, removed) = (wanted.subtracting(before), before.intersection(given).subtracting(wanted))
                newcomer.givenRoles = given.subtracting(removed).union(added).intersection(before.union(added)).sorted()
                let after = before.subtracting(removed).union(added)
                if after != before {
                    // A role that one gives oneself keeps nobody there who came for a visit.
                    let isTemporary = try MemberStore.isTemporary(caller.user, in: id, tx)
                    try sight.setRoles(after.sorted(), of: caller.user, in: id, tx)
                    if isTemporary { try MemberStore.setTemporary(caller.user, in: id, tx) }
                }
                outcome = OnboardingOutcome(
                    isPending: false, missing: missing, added: added.sorted(), removed: removed.sorted())
            }
            return OnboardingOutcome(
                isPending: try Newcomers.isPending(caller.user, in: standing.server, tx), missing: outcome.missing,
                added: outcome.added, removed: outcome.removed)
        }
    }

    private static func check(_ answers: OnboardingAnswers, _ questionnaire: Questionnaire) throws(APIError) {
        let questions = Dictionary(questionnaire.questions.map { ($0.id, $0) }) { first, _ in first }
        for (id, chosen) in answers {
            guard let question = questions[id] else {
                throw .invalidInput("answers", "name a question that is not there")
            }
            guard Set(question.options.map(\.id)).isSuperset(of: chosen) else {
                throw .invalidInput("answers", "choose an option that is not there")
            }
            guard question.takesSeveral || chosen.count <= 1 else {
                throw .invalidInput("answers", "choose several options of a question that takes one")
            }
        }
    }

    /// Takes somebody a step further, and tells those who see the member.
    private func advance(
        _ user: UserID, in server: Server, _ tx: Transaction, _ step: (inout Newcomer) throws -> Void
    ) throws {
        let before = try MemberStore.member(user, of: server.id, tx)
        var newcomer = try OnboardingStore.newcomers([user], in: server.id, tx)[user] ?? Newcomer()
        try step(&newcomer)
        try OnboardingStore.set(newcomer, user, in: server.id, tx)
        guard let after = try MemberStore.member(user, of: server.id, tx), after != before else { return }
        tx.emit(.guildMemberUpdate, MemberEvent(server: server.id, member: after), to: .server(server.id))
    }
}

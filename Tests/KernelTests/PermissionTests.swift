import Kernel
import Testing

@Suite("Permissions")
struct PermissionTests {
    static let everyone = RoleID(rawValue: 1)
    static let high = RoleID(rawValue: 2)
    static let low = RoleID(rawValue: 3)
    static let alice = UserID(rawValue: 10)

    static func holder(
        everyone: PermissionSet = .everyoneDefaults, roles: [(RoleID, PermissionSet)] = [], isOwner: Bool = false
    ) -> PermissionHolder {
        PermissionHolder(
            user: alice, isOwner: isOwner,
            everyone: RolePermissions(id: Self.everyone, position: 0, permissions: everyone),
            roles: roles.enumerated().map { RolePermissions(id: $1.0, position: $0 + 1, permissions: $1.1) })
    }

    @Test("owner and administrator may do everything, whatever overwrites say")
    func passes() {
        let denial = [
            PermissionOverwrite(.role(Self.everyone), deny: .all), PermissionOverwrite(.member(Self.alice), deny: .all),
        ]
        for holder in [
            Self.holder(everyone: [], isOwner: true), Self.holder(everyone: [], roles: [(Self.low, [.administrator])]),
        ] {
            #expect(EffectivePermissions.inChannel(holder, overwrites: denial).granted == .all)
        }
    }

    @Test("@everyone and the member's roles add up")
    func union() {
        let holder = Self.holder(
            everyone: [.channelsView], roles: [(Self.low, [.messagesSend]), (Self.high, [.messagesManage])])
        #expect(EffectivePermissions.inServer(holder).granted == [.channelsView, .messagesSend, .messagesManage])
    }

    @Test("overwrites come in order: @everyone, then roles, then the member; within roles allow wins")
    func overwriteOrder() {
        let holder = Self.holder(roles: [(Self.low, []), (Self.high, [])])
        let everyone = PermissionOverwrite(.role(Self.everyone), deny: [.messagesSend])
        let lowDenies = PermissionOverwrite(.role(Self.low), deny: [.messagesSend])
        let highAllows = PermissionOverwrite(.role(Self.high), allow: [.messagesSend])
        let memberDenies = PermissionOverwrite(.member(Self.alice), deny: [.messagesSend])
        func canSend(_ overwrites: [PermissionOverwrite]) -> Bool {
            EffectivePermissions.inChannel(holder, overwrites: overwrites).contains(.messagesSend)
        }
        #expect(canSend([]))
        #expect(!canSend([everyone]))
        #expect(canSend([everyone, highAllows]))
        #expect(canSend([everyone, lowDenies, highAllows]))
        #expect(!canSend([everyone, lowDenies, highAllows, memberDenies]))
    }

    @Test("a category's overwrites count only where the channel has none of its own")
    func category() {
        let closed = [PermissionOverwrite(.role(Self.everyone), deny: [.messagesSend])]
        let unrelated = [PermissionOverwrite(.role(Self.everyone), allow: [.messagesManage])]
        let holder = Self.holder()
        #expect(!EffectivePermissions.inChannel(holder, overwrites: [], category: closed).contains(.messagesSend))
        #expect(EffectivePermissions.inChannel(holder, overwrites: unrelated, category: closed).contains(.messagesSend))
    }

    @Test("an overwrite that is laid over another says what it names, the rest stays")
    func covering() {
        let subject = PermissionOverwrite.Subject.role(Self.everyone)
        let old = PermissionOverwrite(subject, allow: [.messagesManage], deny: [.channelsView, .messagesSend])
        let new = PermissionOverwrite(subject, allow: [.messagesSend], deny: [.messagesManage])
        let covered = PermissionOverwrite(subject, allow: [.messagesSend], deny: [.channelsView, .messagesManage])
        #expect(old.covered(by: new) == covered)
        #expect(old.covered(by: PermissionOverwrite(subject)) == old)
        let other = PermissionOverwrite(.member(Self.alice), deny: [.messagesSend])
        #expect([old, other].covered(by: new) == [covered, other])
        #expect([other].covered(by: new) == [other, new])
        #expect([old, other].replaced(by: new) == [new, other])
    }

    @Test("what is gained counts with and without sight; sight brings what roles give, which nobody else has granted")
    func gains() {
        let everyone = PermissionOverwrite.Subject.role(Self.everyone)
        let closed = [PermissionOverwrite(everyone, deny: [.channelsView])]
        let mighty = Self.holder(roles: [(Self.low, [.messagesManage, .membersBan])])
        #expect(PermissionRules.gains(of: mighty, from: closed, to: []) == [.channelsView])
        let power = [PermissionOverwrite(everyone, allow: [.messagesManage], deny: [.channelsView])]
        #expect(PermissionRules.gains(of: Self.holder(), from: closed, to: power) == [.messagesManage])
        #expect(PermissionRules.gains(of: mighty, from: closed, to: power) == [])
        #expect(PermissionRules.gains(of: Self.holder(), from: [], to: closed) == [])
        #expect(PermissionRules.gains(of: Self.holder(isOwner: true), from: closed, to: []) == [])
    }

    @Test("who can't view a channel can do nothing in it")
    func invisible() {
        let hidden = [PermissionOverwrite(.role(Self.everyone), allow: [.messagesManage], deny: [.channelsView])]
        let effective = EffectivePermissions.inChannel(Self.holder(), overwrites: hidden)
        #expect(effective.granted == [])
        #expect(effective.reason(for: .messagesSend) == .channelNotVisible)
        #expect(effective.reason(for: .channelsView) == .overwrite(.role(Self.everyone)))
    }

    @Test("an overwrite for somebody else changes nothing")
    func strangers() {
        let overwrites = [
            PermissionOverwrite(.member(UserID(rawValue: 99)), deny: .all),
            PermissionOverwrite(.role(Self.high), deny: .all),
        ]
        #expect(EffectivePermissions.inChannel(Self.holder(), overwrites: overwrites).granted == .everyoneDefaults)
    }

    @Test("every permission has a reason that fits whether it is granted")
    func reasons() {
        let holder = Self.holder(roles: [(Self.low, [.membersKick])])
        let overwrites = [PermissionOverwrite(.member(Self.alice), allow: [.messagesManage], deny: [.messagesSend])]
        let effective = EffectivePermissions.inChannel(holder, overwrites: overwrites)
        #expect(effective.reason(for: .membersKick) == .role(Self.low))
        #expect(effective.reason(for: .channelsView) == .role(Self.everyone))
        #expect(effective.reason(for: .messagesManage) == .overwrite(.member(Self.alice)))
        #expect(effective.reason(for: .messagesSend) == .overwrite(.member(Self.alice)))
        #expect(effective.reason(for: .membersBan) == .notGranted)
    }

    @Test("nobody acts on an equal or higher role, and nobody on the owner")
    func hierarchy() {
        let low = Self.holder(roles: [(Self.low, [])])
        let high = Self.holder(roles: [(Self.low, []), (Self.high, [])])
        let owner = Self.holder(isOwner: true)
        #expect(PermissionRules.canAct(high, on: low))
        #expect(!PermissionRules.canAct(low, on: low))
        #expect(!PermissionRules.canAct(low, on: high))
        #expect(PermissionRules.canAct(owner, on: high))
        #expect(!PermissionRules.canAct(high, on: owner))
        #expect(!PermissionRules.canAct(owner, on: owner))
    }

    @Test("nobody grants what they do not have")
    func granting() {
        let effective = EffectivePermissions.inServer(Self.holder())
        #expect(PermissionRules.canGrant([.messagesSend], effective))
        #expect(!PermissionRules.canGrant([.messagesSend, .membersBan], effective))
    }

    /// The algebra once more, in the words of the contract, one permission at a time.
    private static func reference(
        _ permission: Permission, everyone: PermissionSet, roles: [(RoleID, PermissionSet)],
        overwrites: [PermissionOverwrite]
    ) -> Bool {
        let all = roles.map(\.1) + [everyone]
        if all.contains(where: { $0.contains(.administrator) }) { return true }
        func value(_ permission: Permission) -> Bool {
            var isAllowed = all.contains { $0.contains(permission) }
            let ids = Set(roles.map(\.0))
            let steps: [(PermissionOverwrite) -> Bool] = [
                { $0.subject == .role(Self.everyone) },
                { if case .role(let id) = $0.subject { ids.contains(id) } else { false } },
                { $0.subject == .member(Self.alice) },
            ]
            for step in steps {
                let matching = overwrites.filter(step)
                if matching.contains(where: { $0.deny.contains(permission) }) { isAllowed = false }
                if matching.contains(where: { $0.allow.contains(permission) }) { isAllowed = true }
            }
            return isAllowed
        }
        return value(.channelsView) && value(permission)
    }

    @Test("of two channels each has its own overwrites, or else its category's, in every combination")
    func exhaustiveChannels() {
        let subjects: [PermissionOverwrite.Subject] = [.role(Self.everyone), .role(Self.low), .member(Self.alice)]
        let effects: [(PermissionSet, PermissionSet)?] = [
            nil, ([], []), ([.messagesSend], []), ([], [.messagesSend]), ([], [.channelsView]),
        ]
        var lists: [[PermissionOverwrite]] = [[]]
        for subject in subjects {
            lists = lists.flatMap { list in
                effects.map { effect in
                    effect.map { list + [PermissionOverwrite(subject, allow: $0.0, deny: $0.1)] } ?? list
                }
            }
        }
        let roles: [(RoleID, PermissionSet)] = [(Self.low, [.messagesSend])]
        for isTimedOut in [false, true] {
            let holder = PermissionHolder(
                user: Self.alice, isOwner: false,
                everyone: RolePermissions(id: Self.everyone, position: 0, permissions: [.channelsView]),
                roles: roles.map { RolePermissions(id: $0.0, position: 1, permissions: $0.1) }, isTimedOut: isTimedOut)
            for category in lists {
                for own in lists {
                    let effective = EffectivePermissions.inChannel(holder, overwrites: own, category: category)
                    let decisive = own.isEmpty ? category : own
                    for permission in [Permission.channelsView, .messagesSend] {
                        let isGranted = Self.reference(
                            permission, everyone: [.channelsView], roles: roles, overwrites: decisive)
                        let isSilenced = isTimedOut && permission == .messagesSend
                        #expect(effective.contains(permission) == (isGranted && !isSilenced))
                        #expect(effective.steps(for: permission).last?.grants ?? false == (isGranted && !isSilenced))
                    }
                }
            }
        }
    }

    @Test("the algebra agrees with its description in every combination of a small universe")
    func exhaustive() {
        let sets: [PermissionSet] = [[], [.channelsView], [.messagesSend], [.channelsView, .messagesSend]]
        let subjects: [PermissionOverwrite.Subject] = [
            .role(Self.everyone), .role(Self.low), .role(Self.high), .member(Self.alice),
        ]
        let effects: [(PermissionSet, PermissionSet)] = [
            ([], []), ([.messagesSend], []), ([], [.messagesSend]), ([.channelsView], []), ([], [.channelsView]),
        ]
        for everyone in sets {
            for low in sets + [[.administrator]] {
                let roles = [(Self.low, low), (Self.high, PermissionSet())]
                let holder = Self.holder(everyone: everyone, roles: roles)
                for code in 0..<625 {
                    let overwrites = subjects.enumerated().map { index, subject in
                        let effect = effects[code / [1, 5, 25, 125][index] % 5]
                        return PermissionOverwrite(subject, allow: effect.0, deny: effect.1)
                    }
                    let effective = EffectivePermissions.inChannel(holder, overwrites: overwrites)
                    for permission in [Permission.channelsView, .messagesSend] {
                        let expected = Self.reference(
                            permission, everyone: everyone, roles: roles, overwrites: overwrites)
                        #expect(effective.contains(permission) == expected)
                    }
                }
            }
        }
    }

    /// As it is stored in every database that there is.
    static let stored: [(name: String, bit: Int)] = [
        ("server.manage", 0),
        ("server.view_audit_log", 1),
        ("server.automod", 2),
        ("channels.manage", 3),
        ("channels.view", 4),
        ("roles.manage", 5),
        ("members.kick", 6),
        ("members.ban", 7),
        ("members.timeout", 8),
        ("members.manage_nicknames", 9),
        ("members.manage_roles", 10),
        ("members.change_nickname", 11),
        ("invites.create", 12),
        ("invites.manage", 13),
        ("emojis.manage", 14),
        ("messages.send", 15),
        ("messages.read", 16),
        ("messages.manage", 17),
        ("messages.embed_links", 18),
        ("messages.attach_files", 19),
        ("messages.mention_everyone", 20),
        ("messages.add_reactions", 21),
        ("messages.use_external_emojis", 22),
        ("messages.bypass_slowmode", 23),
        ("messages.create_threads", 24),
        ("webhooks.manage", 25),
        ("voice.connect", 26),
        ("voice.speak", 27),
        ("voice.video", 28),
        ("voice.mute_members", 29),
        ("voice.deafen_members", 30),
        ("voice.move_members", 31),
        ("events.manage", 32),
        ("events.view", 33),
        ("administrator", 34),
        ("messages.create_private_threads", 35),
        ("threads.manage", 36),
        ("messages.send_voice", 37),
        ("messages.use_external_stickers", 38),
        ("polls.create", 39),
        ("events.create", 40),
        ("voice.use_soundboard", 41),
        ("voice.stream", 42),
        ("voice.use_vad", 43),
        ("voice.priority_speaker", 44),
        ("voice.request_to_speak", 45),
    ]

    @Test("what is stored of a role means the same in every version")
    func storedBits() {
        let now = Permission.allCases.map { ($0.rawValue, PermissionSet([$0]).rawValue) }
        #expect(now.map(\.0) == Self.stored.map(\.name))
        #expect(now.map(\.1) == Self.stored.map { 1 << Int64($0.bit) })
        #expect(Self.stored.allSatisfy { (0..<63).contains($0.bit) })
    }
}

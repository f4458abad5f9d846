import Kernel
import Testing

@testable import Community

/// Servers, roles and overwrites at random, small enough that everything meets.
private struct World {
    private static let rights: [Permission] = [
        .channelsView, .messagesRead, .threadsManage, .eventsView, .administrator, .messagesSend,
    ]
    private static let users = (1...4).map { UserID(rawValue: $0) }

    let server: Server
    let roles: [Role]
    let overwrites: [PermissionOverwrite]

    static func random(_ random: SeededRandomness) -> World {
        let roles = (1...6).map { id in
            Role(
                id: RoleID(rawValue: id), server: ServerID(rawValue: 1), name: "r", color: nil, position: Int(id),
                permissions: rights(random), hoist: false, mentionable: false, isDefault: id == 1)
        }
        let subjects = roles.map { PermissionOverwrite.Subject.role($0.id) } + users.map { .member($0) }
        let overwrites = subjects.filter { _ in random.next() % 3 == 0 }.map {
            PermissionOverwrite($0, allow: rights(random), deny: rights(random))
        }
        return World(server: server(ownedBy: users[Int(random.next() % 4)]), roles: roles, overwrites: overwrites)
    }

    private static func rights(_ random: SeededRandomness) -> PermissionSet {
        PermissionSet(rights.filter { _ in random.next() % 4 == 0 })
    }

    private static func server(ownedBy owner: UserID) -> Server {
        Server(
            id: ServerID(rawValue: 1), name: "s", description: nil, owner: owner, memberCount: 9, defaultChannel: nil,
            createdAt: Timestamp(seconds: 0))
    }

    /// With something else in one place.
    func changed(_ random: SeededRandomness) -> World {
        let other = World.random(random)
        let index = Int(random.next() % UInt64(roles.count))
        var roles = roles
        roles[index] = other.roles[index]
        let keepsOverwrites = random.next() % 2 == 0
        return World(
            server: random.next() % 8 == 0 ? other.server : server, roles: roles,
            overwrites: keepsOverwrites ? overwrites : other.overwrites)
    }

    func rules(deciding mask: PermissionSet) -> PlaceRules {
        PlaceRules(in: server, roles: roles, overwrites: overwrites, deciding: mask)
    }

    /// What somebody with some roles may do.
    func granted(to user: UserID, having held: Set<RoleID>) -> PermissionSet {
        guard let everyone = roles.first(where: \.isDefault) else { return [] }
        let holder = PermissionHolder(
            user: user, isOwner: user == server.owner, everyone: everyone.rules,
            roles: roles.filter { held.contains($0.id) }.map(\.rules))
        return EffectivePermissions.inChannel(holder, overwrites: overwrites).granted
    }

    static func everybody() -> [(user: UserID, roles: Set<RoleID>)] {
        // The last one is named nowhere.
        (users + [UserID(rawValue: 9)]).flatMap { user in
            (0..<32).map { bits in (user, Set((0..<5).filter { bits >> $0 & 1 == 1 }.map { RoleID(rawValue: $0 + 2) }))
            }
        }
    }
}

@Suite("What decides in a place")
struct PlaceRulesTests {
    @Test("where it is the same before and after a change, nobody gains or loses what was asked about")
    func same() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("rules seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var sameCount = 0
        for _ in 0..<3000 {
            let before = World.random(random)
            let after = before.changed(random)
            let mask: PermissionSet = random.next() % 2 == 0 ? [.channelsView] : .sight
            guard before.rules(deciding: mask) == after.rules(deciding: mask) else { continue }
            sameCount += 1
            for (user, roles) in World.everybody() {
                let old = before.granted(to: user, having: roles)
                let new = after.granted(to: user, having: roles)
                try #require(old.intersection(mask) == new.intersection(mask), "\(user) \(roles)")
            }
        }
        #expect(sameCount > 100)
    }

    @Test("roles that say nothing, and those that say what another one says, can be left out")
    func representatives() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("rules seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var leftOutCount = 0
        for _ in 0..<300 {
            let before = World.random(random)
            let after = before.changed(random)
            let mask: PermissionSet = random.next() % 2 == 0 ? .all : .sight
            let first = Standings.representatives(of: [before, after].map { $0.rules(deciding: mask) })
            for (user, roles) in World.everybody() {
                let fewer = Set(roles.compactMap { first[$0] })
                leftOutCount += roles.count - fewer.count
                for world in [before, after] {
                    let all = world.granted(to: user, having: roles)
                    let some = world.granted(to: user, having: fewer)
                    try #require(all.intersection(mask) == some.intersection(mask))
                }
            }
        }
        #expect(leftOutCount > 1000)
    }

    @Test("what an overwrite of everyone has decided, and what everyone has, no role decides")
    func pruned() {
        let server = Server(
            id: ServerID(rawValue: 1), name: "s", description: nil, owner: UserID(rawValue: 1), memberCount: 9,
            defaultChannel: nil, createdAt: Timestamp(seconds: 0))
        func role(_ id: Int64, _ permissions: PermissionSet) -> Role {
            Role(
                id: RoleID(rawValue: id), server: server.id, name: "r", color: nil, position: Int(id),
                permissions: permissions, hoist: false, mentionable: false, isDefault: id == 1)
        }
        func rules(_ everyone: PermissionSet, _ other: PermissionSet, _ overwrites: [PermissionOverwrite]) -> PlaceRules
        {
            PlaceRules(
                in: server, roles: [role(1, everyone), role(2, other)], overwrites: overwrites,
                deciding: [.channelsView])
        }
        let hidden = [PermissionOverwrite(.role(RoleID(rawValue: 1)), deny: [.channelsView])]
        #expect(rules([.channelsView], [], hidden) == rules([], [.channelsView], hidden))
        #expect(rules([.channelsView], [.channelsView], []) == rules([.channelsView], [.messagesRead], []))
        #expect(rules([], [.channelsView], []) != rules([], [], []))
        #expect(rules([], [.administrator], hidden) != rules([], [], hidden))
    }
}

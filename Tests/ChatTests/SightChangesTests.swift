import Events
import Kernel
import Testing

@testable import Community

/// A server with channels and events at random, small enough that everything meets.
private struct SmallServer {
    private static let rights: [Permission] = [
        .channelsView, .messagesRead, .threadsManage, .eventsView, .administrator, .messagesSend,
    ]
    private static let users = (1...3).map { UserID(rawValue: $0) }

    var server: Server
    var roles: [Role]
    var channels: [Channel]
    var events: [ScheduledEvent]

    static func random(_ random: SeededRandomness) -> SmallServer {
        let roles = (1...5).map { role($0, random) }
        let subjects = roles.map { PermissionOverwrite.Subject.role($0.id) } + users.map { .member($0) }
        let types: [ChannelType] = [.category, .text, .voice, .text, .forum, .text]
        let channels = types.enumerated().map { index, type in
            var channel = Channel(
                id: ChannelID(rawValue: Int64(index + 10)), server: ServerID(rawValue: 1), name: "c", type: type,
                topic: nil, position: index,
                category: index > 0 && random.next() % 2 == 0 ? ChannelID(rawValue: 10) : nil, nsfw: false,
                slowmode_s: 0, createdAt: Timestamp(seconds: 0), lastMessage: nil)
            channel.overwrites = subjects.filter { _ in random.next() % 5 == 0 }.map {
                PermissionOverwrite($0, allow: rights(random), deny: rights(random))
            }
            return channel
        }
        let events = (1...3).filter { _ in random.next() % 2 == 0 }.map { event($0, random) }
        return SmallServer(
            server: Server(
                id: ServerID(rawValue: 1), name: "s", description: nil, owner: users[Int(random.next() % 3)],
                memberCount: 64, defaultChannel: nil, createdAt: Timestamp(seconds: 0)), roles: roles,
            channels: channels, events: events)
    }

    private static func role(_ id: Int64, _ random: SeededRandomness) -> Role {
        Role(
            id: RoleID(rawValue: id), server: ServerID(rawValue: 1), name: "r", color: nil, position: Int(id),
            permissions: rights(random), hoist: false, mentionable: false, isDefault: id == 1)
    }

    static func rights(_ random: SeededRandomness) -> PermissionSet {
        PermissionSet(rights.filter { _ in random.next() % 5 == 0 })
    }

    private static func event(_ id: Int64, _ random: SeededRandomness) -> ScheduledEvent {
        let channel = ChannelID(rawValue: Int64(11 + random.next() % 5))
        return ScheduledEvent(
            id: ScheduledEventID(rawValue: id), server: ServerID(rawValue: 1), creator: users[0], name: "e",
            place: random.next() % 3 == 0 ? .elsewhere("here") : .text(channel), startsAt: Timestamp(seconds: 9),
            timezone: "UTC", status: .scheduled, createdAt: Timestamp(seconds: 0))
    }

    /// With nearly nobody who sees more behind a channel than others who see it.
    func alike(_ random: SeededRandomness) -> SmallServer {
        var result = self
        for index in roles.indices where index > 0 && random.next() % 8 != 0 {
            result.roles[index].permissions.formIntersection([.channelsView])
        }
        for index in channels.indices {
            result.channels[index].overwrites = channels[index].overwrites?.map { overwrite in
                guard random.next() % 8 != 0 else { return overwrite }
                return PermissionOverwrite(
                    overwrite.subject, allow: overwrite.allow.intersection([.channelsView]),
                    deny: overwrite.deny.intersection([.channelsView]))
            }
        }
        return result
    }

    /// After something that moderators do.
    func changed(_ random: SeededRandomness) -> SmallServer {
        let other = SmallServer.random(random)
        var result = self
        let (role, channel) = (Int(random.next() % 5), Int(random.next() % 6))
        switch random.next() % 8 {
        case 0, 1: result.roles[role] = other.roles[role]
        case 2: result.channels[channel].overwrites = other.channels[channel].overwrites
        case 3: result.channels[channel].category = other.channels[channel].category
        case 4: result.channels.remove(at: max(1, channel))
        case 5: result.server.owner = other.server.owner
        case 6:
            result.roles.remove(at: max(1, role))
            let gone = PermissionOverwrite.Subject.role(roles[max(1, role)].id)
            for index in result.channels.indices { result.channels[index].overwrites?.removeAll { $0.subject == gone } }
        default: result.events = other.events
        }
        return result
    }

    var map: SightMap { SightMap(of: server, roles: roles, channels: channels, events: events) }

    /// What a member sees, worked out for them alone.
    func view(of user: UserID, having held: Set<RoleID>) -> (audiences: Set<Audience>, events: Set<ScheduledEventID>) {
        guard let everyone = roles.first(where: \.isDefault) else { return ([], []) }
        let holder = PermissionHolder(
            user: user, isOwner: user == server.owner, everyone: everyone.rules,
            roles: roles.filter { held.contains($0.id) }.map(\.rules))
        let places = channels.map { Channels.place($0, holder, channels.overwritesByChannel) }
        return (
            Set(places.flatMap(\.visibleAudiences)), Set(EventSight.visible(events, to: holder, in: places).map(\.id))
        )
    }

    static func everybody() -> [(user: UserID, roles: Set<RoleID>)] {
        var people: [(user: UserID, roles: Set<RoleID>)] = []
        for bits in 0..<16 {
            var roles: Set<RoleID> = []
            for place in 0..<4 where bits >> place & 1 == 1 { roles.insert(RoleID(rawValue: Int64(place + 2))) }
            for user in users { people.append((user, roles)) }
            // Named nowhere.
            people.append((UserID(rawValue: 100), roles))
        }
        return people.sorted { $0.user < $1.user }
    }
}

extension [RoleID: RoleID] {
    /// What stands for some roles, of those that have a say.
    fileprivate func known(_ roles: Set<RoleID>) -> [RoleID] { Set(roles.compactMap { self[$0] }).sorted() }
}

@Suite("Changes of sight")
struct SightChangesTests {
    @Test("each loses and gains what they see no more and see now, and nobody is told of nothing")
    func differences() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("sight changes seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var count = 0
        for _ in 0..<400 {
            let before = SmallServer.random(random)
            let after = before.changed(random)
            let changes = SightChanges(from: before.map, to: after.map)
            let first = Standings.representatives(of: changes.rules)
            for (user, roles) in SmallServer.everybody() {
                let kind = Standings.Kind(
                    members: .only([user]), roles: Set(roles.compactMap { first[$0] }).sorted(), person: user)
                let found = changes.differences(among: [kind]).differences
                try #require(found.count <= 1)
                count += found.count
                let (old, new) = (before.view(of: user, having: roles), after.view(of: user, having: roles))
                let difference = found.keys.first
                try #require(difference?.isEmpty != true, "\(user) \(roles)")
                try #require(difference?.lost ?? [] == old.audiences.subtracting(new.audiences), "\(user) \(roles)")
                try #require(difference?.gained ?? [] == new.audiences.subtracting(old.audiences), "\(user) \(roles)")
                try #require(difference?.lostEvents ?? [] == old.events.subtracting(new.events), "\(user) \(roles)")
                try #require(difference?.gainedEvents ?? [] == new.events.subtracting(old.events), "\(user) \(roles)")
            }
        }
        #expect(count > 400)
    }

    @Test("who is given other roles loses and gains what hangs on them")
    func roles() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("sight changes seed \(seed)")
        let random = SeededRandomness(seed: seed)
        for _ in 0..<200 {
            let server = SmallServer.random(random)
            let changes = SightChanges(everywhereIn: server.map)
            let people = SmallServer.everybody()
            for (one, other) in zip(people, people.dropFirst()) where one.user == other.user {
                let kind = { Standings.Kind(members: .only([one.user]), roles: $0, person: one.user) }
                let found = changes.differences(
                    among: [(kind(one.roles.sorted()), kind(other.roles.sorted()))]
                ).differences
                let (old, new) = (
                    server.view(of: one.user, having: one.roles), server.view(of: one.user, having: other.roles)
                )
                let difference = found.keys.first
                try #require(difference?.isEmpty != true)
                try #require(difference?.lost ?? [] == old.audiences.subtracting(new.audiences))
                try #require(difference?.gained ?? [] == new.audiences.subtracting(old.audiences))
                try #require(difference?.lostEvents ?? [] == old.events.subtracting(new.events))
                try #require(difference?.gainedEvents ?? [] == new.events.subtracting(old.events))
            }
        }
    }

    @Test(
        "who is told by the audience of a channel, and as one who was named, sees in the end what they see by themselves"
    )
    func common() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("sight changes seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var count = 0
        for _ in 0..<400 {
            let before = SmallServer.random(random).alike(random)
            var after = before.changed(random)
            if random.next() % 4 != 0 { after.roles[0].permissions = SmallServer.rights(random) }
            let changes = SightChanges(from: before.map, to: after.map)
            let first = Standings.representatives(of: changes.rules)
            // The three who may be named stand alone, the others as many as are alike.
            var people = SmallServer.everybody()
            for index in people.indices { people[index].user = UserID(rawValue: Int64(index + 1)) }
            let kinds = Dictionary(grouping: people) { person in
                person.user.rawValue <= 3 ? [RoleID(rawValue: -person.user.rawValue)] : first.known(person.roles)
            }.values.map { alike in
                Standings.Kind(
                    members: .only(Set(alike.map(\.user))), roles: first.known(alike[0].roles),
                    person: alike[0].user.rawValue <= 3 ? alike[0].user : nil)
            }
            let found = changes.differences(amongAll: kinds)
            count += found.common.count
            for (user, roles) in people {
                var sight = before.view(of: user, having: roles).audiences
                for common in found.common
                where sight.contains(.channel(common.channel.id)) && !common.except.contains(user) {
                    try #require(common.members.contains(user))
                    sight = sight.subtracting(common.difference.lost).union(common.difference.gained)
                }
                for (difference, members) in found.differences where members.contains(user) {
                    sight = sight.subtracting(difference.lost).union(difference.gained)
                }
                try #require(sight == after.view(of: user, having: roles).audiences, "\(user) \(roles)")
            }
        }
        #expect(count > 100)
    }

    @Test("nothing is looked at for a right on which nothing hangs")
    func nothing() {
        let random = SeededRandomness(seed: 4)
        var before = SmallServer.random(random)
        before.events = []
        before.roles[0].permissions = [.channelsView]
        before.channels.removeAll { $0.type == .text }
        for index in before.channels.indices { before.channels[index].overwrites = [] }
        var after = before
        after.roles[0].permissions = [.channelsView, .threadsManage, .eventsView, .messagesSend]
        #expect(SightChanges(from: before.map, to: after.map).isEmpty)
        after.roles[0].permissions = []
        #expect(!SightChanges(from: before.map, to: after.map).isEmpty)
    }

    @Test("crowds are joined as the people in them")
    func crowds() {
        let people = (1...4).map { UserID(rawValue: $0) }
        var all: [Crowd] = []
        for bits in 0..<16 {
            let users = Set(people.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
            all += [.only(users), .allBut(users)]
        }
        let few = Set(people.prefix(2))
        for one in all {
            for other in all {
                let joined = Crowd(joining: [one, other])
                let less = one.subtracting(few)
                for person in people {
                    #expect(joined.contains(person) == (one.contains(person) || other.contains(person)))
                    #expect(less.contains(person) == (one.contains(person) && !few.contains(person)))
                }
            }
        }
        #expect(!Crowd(joining: []).contains(people[0]))
    }
}

import Database
import Events
import Kernel

/// What a change of permissions does to the sight of private threads: who is in one sees it as long as its channel, who manages
/// threads sees all of a channel.
struct ThreadSight {
    /// Of so many threads at most a change tells those who come to manage threads, or cease to; the others they find in the list, or
    /// find closed.
    static let maximumTold = 1000

    /// What members of a thread gain or lose with its channel.
    private var moves: [(change: SightChange, users: [UserID])] = []
    /// What those see, or cease to see, who are not in them.
    private var gained: [Channel] = []
    private var lost: [Channel] = []
    /// Those of the users who are in one of these, and see it all the same.
    private var insiders: [ChannelID: [UserID]] = [:]

    typealias Membership = (thread: ChannelID, parent: ChannelID, user: UserID)

    /// Who is in the private threads of channels of which somebody's sight changes.
    static func members(
        of changed: some Sequence<Audience>, in channels: some Collection<ChannelID>, _ tx: Transaction
    ) throws -> [Membership] {
        try ThreadMemberStore.privateMembers(in: parents(among: channels, changing: Set(changed)).sorted(), tx)
    }

    private static func parents(
        among channels: some Collection<ChannelID>, changing changed: Set<Audience>
    ) -> Set<ChannelID> {
        Set(
            channels.filter {
                changed.contains(.channel($0)) || changed.contains(.messages(of: $0))
                    || changed.contains(.privateThreads(of: $0))
            })
    }

    /// - Parameters:
    ///   - crowd: who lose and gain the same.
    ///   - channels: of the server.
    ///   - everybody: who is in the private threads of those that change.
    ///   - limit: of how many threads may still be told.
    init(
        of crowd: Crowd, in server: Server, lost: Set<Audience>, gained: Set<Audience>, channels: [ChannelID],
        among everybody: [Membership], atMost limit: Int, _ tx: Transaction
    ) throws {
        let changed = lost.union(gained)
        let parents = Self.parents(among: channels, changing: changed)
        guard !parents.isEmpty else { return }
        let everybody = everybody.filter { parents.contains($0.parent) }
        let concerned = try crowd.members(among: everybody.map(\.user), of: server.id, tx)
        let members = everybody.filter { concerned.contains($0.user) }
        for (thread, entries) in Dictionary(grouping: members, by: \.thread).sorted(by: { $0.key < $1.key }) {
            let change = SightChange(
                gained: Self.audiences(of: thread, in: entries[0].parent, among: gained),
                lost: Self.audiences(of: thread, in: entries[0].parent, among: lost))
            if change != SightChange() { moves.append((change, entries.map(\.user))) }
        }
        let opened = parents.filter { gained.contains(.privateThreads(of: $0)) && !gained.contains(.channel($0)) }
        let closed = parents.filter { lost.contains(.privateThreads(of: $0)) && !lost.contains(.channel($0)) }
        let isAlone = crowd.count(in: server) == 1
        insiders = Dictionary(grouping: members, by: \.thread).mapValues { $0.map(\.user) }
        self.gained = try Self.threads(in: opened, atMost: limit, tx).filter { $0.thread?.isArchived == false }
        self.lost = try Self.threads(in: closed, atMost: limit, tx)
        if isAlone {
            self.gained.removeAll { insiders[$0.id] != nil }
            self.lost.removeAll { insiders[$0.id] != nil }
        }
        try Self.withdraw(self.lost, for: crowd, but: insiders, tx)
    }

    var count: Int { gained.count + lost.count }

    /// Whether somebody is not to hear of all that the others do.
    var hasInsiders: Bool { (gained + lost).contains { insiders[$0.id] != nil } }

    private static func threads(
        in parents: Set<ChannelID>, atMost limit: Int, _ tx: Transaction
    ) throws -> [Channel] {
        try ThreadMemberStore.privateThreads(in: parents.sorted(), limit: limit, tx)
    }

    private static func audiences(
        of thread: ChannelID, in parent: ChannelID, among changed: Set<Audience>
    ) -> [Audience] {
        (changed.contains(.channel(parent)) ? [.channel(thread)] : [])
            + (changed.contains(.messages(of: parent)) ? [.messages(of: thread)] : [])
    }

    private static func withdraw(
        _ threads: [Channel], for crowd: Crowd, but insiders: [ChannelID: [UserID]], _ tx: Transaction
    ) throws {
        for thread in threads {
            try Notifications.withdraw(
                from: thread.id, for: [crowd.subtracting(insiders[thread.id] ?? [])], tx)
        }
    }

    /// THREAD_CREATE for what came into sight, THREAD_DELETE for what is out of it.
    func tell(_ listeners: [Audience], _ tx: Transaction) throws {
        for thread in lost {
            excepting(insiders[thread.id] ?? [], of: listeners, tx) {
                tx.emit(.threadDelete, ChannelDeletedEvent(id: thread.id, server: thread.server), to: listeners)
            }
        }
        for thread in gained {
            guard let parent = thread.thread?.parent else { continue }
            excepting(insiders[thread.id] ?? [], of: listeners, tx) {
                tx.emit(
                    .threadCreate, thread, about: .thread(thread.id, seenIn: .privateThreads(of: parent)), to: listeners
                )
            }
        }
    }

    /// Lets some users not hear of something that is told to an audience that was made for this.
    private func excepting(
        _ users: [UserID], of listeners: [Audience], _ tx: Transaction, _ tell: () -> Void
    ) {
        guard !users.isEmpty else { return tell() }
        tx.changeSight(SightChange(lost: listeners), of: users.map(Audience.user))
        tell()
        tx.changeSight(SightChange(gained: listeners), of: users.map(Audience.user))
    }

    func changeSight(_ tx: Transaction) {
        for move in moves { tx.changeSight(move.change, of: move.users.map(Audience.user)) }
    }
}

extension EventKind where Payload == Channel {
    package static var threadCreate: Self {
        Self(
            "THREAD_CREATE", intents: .always(.threads), heardBy: "who sees it from now on",
            "A thread was opened, or came into sight.")
    }
}

extension EventKind where Payload == ChannelDeletedEvent {
    package static var threadDelete: Self {
        Self(
            .threadDelete, intents: .always(.threads), heardBy: "who saw it",
            "A thread was deleted, or is out of sight.")
    }
}

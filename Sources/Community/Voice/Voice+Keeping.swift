import Database
import Events
import Features
import Kernel

/// What ends a place besides its owner: a connection that does not come back, and rights that are gone.
extension Voice {
    private static let atOnce = 200

    /// What each node does: says which connections are there, and looks whether they may be where they are.
    func keepPlaces() async throws {
        let due = seats.takeDue(at: .now)
        if !due.isEmpty {
            let kept = try await parts.database.write { tx in
                try VoiceStore.keep(due, until: tx.now + Self.keeping, tx)
            }
            seats.retain(Set(kept), among: due)
        }
        let doubtful = Set(due).union(seats.takeDoubtful()).sorted()
        for start in stride(from: 0, to: doubtful.count, by: Self.atOnce) {
            try await review(Array(doubtful[start..<min(start + Self.atOnce, doubtful.count)]))
        }
    }

    /// Whoever has lost the right to be in a channel leaves it; who has lost another one ceases to use it.
    private func review(_ ids: [VoiceSessionID]) async throws {
        let affected = try await parts.database.read { tx in
            try ids.filter { id in
                guard let state = try VoiceStore.state(id, tx) else { return false }
                return try Self.reviewed(state, tx) != state
            }
        }
        guard !affected.isEmpty else { return }
        let tellings = try await parts.database.write { tx in
            try affected.flatMap { id -> [VoiceTelling] in
                guard let state = try VoiceStore.state(id, tx) else { return [] }
                guard let new = try Self.reviewed(state, tx) else { return try leave(state, tx) }
                try store(new, tx)
                return []
            }
        }
        tell(tellings)
    }

    private static func reviewed(_ state: VoiceState, _ tx: Transaction) throws -> VoiceState? {
        guard let place = try place(state.channel, for: state.user, tx),
            VoiceRules.admits(state.device, to: place.channel)
        else { return nil }
        return try reviewed(state, in: place, tx)
    }

    /// Ends places of which the connections have not come back. Those that are here are kept, whatever a clock that was set
    /// says.
    /// - Returns: whether there may be more.
    func endAbandoned() async throws -> Bool {
        guard try await parts.database.read({ tx in try !VoiceStore.overdue(limit: 1, tx).isEmpty }) else {
            return false
        }
        let present = Set(seats.present)
        let (count, tellings) = try await parts.database.write { tx in
            let overdue = try VoiceStore.overdue(limit: Self.atOnce, tx)
            _ = try VoiceStore.keep(overdue.map(\.id).filter(present.contains), until: tx.now + Self.keeping, tx)
            let abandoned = overdue.filter { !present.contains($0.id) }
            return (overdue.count, try abandoned.flatMap { try leave($0, tx) })
        }
        tell(tellings)
        return count == Self.atOnce
    }

    /// Tells those who stay in a room of whom they were not told by whoever removed them.
    func announceStale() async throws -> Bool {
        let rooms = try await parts.database.read { tx in try VoiceRoomStore.stale(limit: Self.atOnce, tx) }
        guard !rooms.isEmpty else { return false }
        tell(try await parts.database.write { tx in try rooms.map { try Self.epoch(of: $0, .leave, tx) } })
        return rooms.count == Self.atOnce
    }

    // MARK: Sessions

    /// What this connection alone hears, of places that its session has still.
    package func audiences(of user: UserID, login: SessionID, session: Int64, _ tx: Transaction) throws -> [Audience] {
        let holder = VoiceState.Holder(user: user, login: login, session: session)
        return try VoiceStore.states(of: user, tx).filter { $0.holder == holder }.map(\.ownAudience)
    }

    /// A session is resumed: its places are its own again.
    package func resume(_ user: UserID, login: SessionID, session: Int64) async throws {
        let holder = VoiceState.Holder(user: user, login: login, session: session)
        let states = try await parts.database.read { tx in try VoiceStore.states(of: user, tx) }
        for state in states where state.holder == holder { seats.sit(state, on: nil) }
    }

    package func connected(_ connection: UInt64, of user: UserID, login: SessionID, session: Int64) {
        seats.connected(VoiceState.Holder(user: user, login: login, session: session), connection)
    }

    package func disconnected(_ connection: UInt64, of user: UserID, login: SessionID, session: Int64) {
        seats.disconnected(VoiceState.Holder(user: user, login: login, session: session), connection)
    }
}

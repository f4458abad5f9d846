import Events
import Kernel
import NIOConcurrencyHelpers

/// Which of the connections to this node have places in voice channels.
final class VoiceSeats: Sendable {
    /// For how long those have been silent whose connections are here.
    let quiet = VoiceQuiet()

    /// So often a node says that the connections are there.
    static let interval = Duration.seconds(10)

    private struct Seat {
        let state: VoiceSessionID
        let server: ServerID
        let channel: ChannelID?
        /// Those of the session: none while it is resumed, several while an earlier one is not known to have ended.
        var connections: Set<UInt64>
        let since = ContinuousClock.now
        /// The places to which it has handed a key, in the epoch that it has last done so.
        var handedOut: (epoch: Int, to: Set<VoiceSessionID>) = (0, [])
    }

    private struct State {
        private(set) var seats: [VoiceState.Holder: Seat] = [:]
        /// Those whom an event concerns, by the numbers of what it is told to: a person, a server, a channel.
        private(set) var concerned: [Int64: Set<VoiceState.Holder>] = [:]
        var keptAt: ContinuousClock.Instant?
        /// Who may have less right to be where they are.
        var doubtful: Set<VoiceState.Holder> = []

        mutating func set(_ seat: Seat?, of holder: VoiceState.Holder) {
            if let old = seats[holder] {
                for number in Self.numbers(old, holder) {
                    concerned[number]?.remove(holder)
                    if concerned[number]?.isEmpty == true { concerned[number] = nil }
                }
            }
            seats[holder] = seat
            if seat == nil { doubtful.remove(holder) }
            guard let seat else { return }
            for number in Self.numbers(seat, holder) { concerned[number, default: []].insert(holder) }
        }

        private static func numbers(_ seat: Seat, _ holder: VoiceState.Holder) -> [Int64] {
            [holder.user.rawValue, seat.server.rawValue] + (seat.channel.map { [$0.rawValue] } ?? [])
        }
    }

    private let state = NIOLockedValueBox(State())

    /// A session has a place.
    /// - Parameter connection: that has said so; nil for a session that is about to come back.
    func sit(_ place: VoiceState, on connection: UInt64?) {
        quiet.begin(place)
        state.withLockedValue { state in
            let old = state.seats[place.holder]
            var seat = Seat(
                state: place.id, server: place.server, channel: place.channel, connections: old?.connections ?? [])
            if let connection { seat.connections.insert(connection) }
            if let old, old.state == place.id, old.channel == place.channel { seat.handedOut = old.handedOut }
            state.set(seat, of: place.holder)
        }
    }

    func rise(_ holder: VoiceState.Holder) { state.withLockedValue { $0.set(nil, of: holder) } }

    func connected(_ holder: VoiceState.Holder, _ connection: UInt64) {
        state.withLockedValue { state in
            guard var seat = state.seats[holder] else { return }
            seat.connections.insert(connection)
            state.set(seat, of: holder)
        }
    }

    /// From now on nobody says that this connection is there.
    func disconnected(_ holder: VoiceState.Holder, _ connection: UInt64) {
        state.withLockedValue { state in
            guard var seat = state.seats[holder], seat.connections.remove(connection) != nil else { return }
            // One that is being resumed has its next connection in a moment, or is forgotten then.
            state.set(seat, of: holder)
        }
    }

    /// Takes note of keys that a place hands to others.
    /// - Returns: those of the others that have had none of this epoch.
    func handOut(to places: [VoiceSessionID], of epoch: Int, by holder: VoiceState.Holder) -> Set<VoiceSessionID> {
        state.withLockedValue { state in
            guard var seat = state.seats[holder], seat.handedOut.epoch <= epoch else { return [] }
            if seat.handedOut.epoch < epoch { seat.handedOut = (epoch, []) }
            let new = Set(places).subtracting(seat.handedOut.to)
            seat.handedOut.to.formUnion(new)
            state.set(seat, of: holder)
            return new
        }
    }

    /// Takes note of what may have taken rights from those who have places here.
    func hear(_ events: [Event]) {
        state.withLockedValue { state in
            guard !state.seats.isEmpty else { return }
            for event in events {
                for audience in event.audiences {
                    if let holders = state.concerned[audience.id] { state.doubtful.formUnion(holders) }
                }
            }
        }
    }

    /// The places of which somebody has to look whether they are still theirs.
    func takeDoubtful() -> [VoiceSessionID] {
        state.withLockedValue { state in
            defer { state.doubtful = [] }
            return state.doubtful.compactMap { state.seats[$0]?.state }
        }
    }

    /// The places to be kept, if it is time.
    func takeDue(at now: ContinuousClock.Instant) -> [VoiceSessionID] {
        state.withLockedValue { state in
            if let keptAt = state.keptAt, now - keptAt < Self.interval { return [] }
            state.keptAt = now
            // Of sessions that were to be resumed and have not come.
            for (holder, seat) in state.seats where seat.connections.isEmpty && now - seat.since >= Self.interval {
                state.set(nil, of: holder)
            }
            return Self.present(state)
        }
    }

    /// The places whose connections are here.
    var present: [VoiceSessionID] { state.withLockedValue { Self.present($0) } }

    private static func present(_ state: State) -> [VoiceSessionID] {
        state.seats.values.filter { !$0.connections.isEmpty }.map(\.state)
    }

    /// Forgets places that are not there any more, and sessions that have not come back.
    func retain(_ places: Set<VoiceSessionID>, among asked: [VoiceSessionID]) {
        let gone = Set(asked).subtracting(places)
        state.withLockedValue { state in
            for (holder, seat) in state.seats where gone.contains(seat.state) { state.set(nil, of: holder) }
        }
    }
}

import Events
import Kernel
import NIOConcurrencyHelpers

/// Which of the connections to this node have places in voice channels.
final class VoiceSeats: Sendable {
    /// So often a node says that the connections are there.
    static let interval = Duration.seconds(10)

    private struct Seat {
        let state: VoiceSessionID
        let server: ServerID
        let channel: ChannelID?
        /// Nil while a session that is resumed has none yet.
        var connection: UInt64?
    }

    private struct State {
        var seats: [VoiceState.Holder: Seat] = [:]
        var keptAt: ContinuousClock.Instant?
        /// Somebody may have less right to be where they are.
        var isDoubtful = false
    }

    private let state = NIOLockedValueBox(State())

    /// A session has a place. Its connection is known once it has said something, or has come.
    func sit(_ place: VoiceState, on connection: UInt64? = nil) {
        state.withLockedValue { state in
            let known = state.seats[place.holder]?.connection
            state.seats[place.holder] = Seat(
                state: place.id, server: place.server, channel: place.channel, connection: connection ?? known)
        }
    }

    func rise(_ holder: VoiceState.Holder) { state.withLockedValue { $0.seats[holder] = nil } }

    func connected(_ holder: VoiceState.Holder, _ connection: UInt64) {
        state.withLockedValue { $0.seats[holder]?.connection = connection }
    }

    /// From now on nobody says that this connection is there.
    func disconnected(_ holder: VoiceState.Holder, _ connection: UInt64) {
        state.withLockedValue { state in
            if state.seats[holder]?.connection == connection { state.seats[holder] = nil }
        }
    }

    /// Takes note of what may have taken rights from those who have places here.
    func hear(_ events: [Event]) {
        state.withLockedValue { state in
            guard !state.seats.isEmpty, !state.isDoubtful else { return }
            var places: Set<Int64> = []
            for (holder, seat) in state.seats {
                places.formUnion([holder.user.rawValue, seat.server.rawValue])
                if let channel = seat.channel { places.insert(channel.rawValue) }
            }
            state.isDoubtful = events.contains { $0.audiences.contains { places.contains($0.id) } }
        }
    }

    /// The places of which somebody has to look whether they are still theirs.
    func takeDoubtful() -> [VoiceSessionID] {
        state.withLockedValue { state in
            guard state.isDoubtful else { return [] }
            state.isDoubtful = false
            return state.seats.values.map(\.state)
        }
    }

    /// The places to be kept, if it is time.
    func takeDue(at now: ContinuousClock.Instant) -> [VoiceSessionID] {
        state.withLockedValue { state in
            if let keptAt = state.keptAt, now - keptAt < Self.interval { return [] }
            state.keptAt = now
            return Self.present(state)
        }
    }

    /// The places whose connections are here.
    var present: [VoiceSessionID] { state.withLockedValue { Self.present($0) } }

    private static func present(_ state: State) -> [VoiceSessionID] {
        state.seats.values.filter { $0.connection != nil }.map(\.state)
    }

    /// Forgets places that are not there any more, and sessions that have not come back.
    func retain(_ places: Set<VoiceSessionID>, among asked: [VoiceSessionID]) {
        let gone = Set(asked).subtracting(places)
        state.withLockedValue { state in state.seats = state.seats.filter { !gone.contains($0.value.state) } }
    }
}

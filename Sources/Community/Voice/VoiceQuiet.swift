import Kernel
import NIOConcurrencyHelpers

/// For how long the people whose connections are at this node have neither spoken nor done anything in their voice channels.
///
/// A node alone knows it, and forgets it when it ends: then the time begins anew.
final class VoiceQuiet: Sendable {
    /// So often is looked for whom it has been long enough.
    static let interval = Duration.seconds(10)
    /// As much passes from one look to the next at most, so that a clock that was set moves nobody.
    static let longestStep = Duration.seconds(30)
    /// For less nobody is moved anywhere.
    private static let shortest = Duration.seconds(60)

    struct Spell: Sendable, Equatable {
        let place: VoiceSessionID
        let server: ServerID
        let duration: Duration
    }

    private struct Entry {
        let server: ServerID
        /// Nil until the next look: nobody is taken to be silent for longer than they are.
        var quiet: Duration?
        var isSpeaking = false
    }

    private struct State {
        var entries: [VoiceSessionID: Entry] = [:]
        var lookedAt: Timestamp?
    }

    private let state = NIOLockedValueBox(State())

    /// Somebody takes a place, or is there otherwise than before.
    func begin(_ place: VoiceState) {
        state.withLockedValue { state in
            let isSpeaking = state.entries[place.id]?.isSpeaking == true && !place.choice.isMuted
            state.entries[place.id] = Entry(server: place.server, isSpeaking: isSpeaking)
        }
    }

    enum Speech {
        case begins
        case ends
    }

    /// Somebody who is heard begins to speak, or ends.
    func hear(_ speech: Speech, of place: VoiceSessionID) {
        state.withLockedValue { state in
            state.entries[place]?.isSpeaking = speech == .begins
            state.entries[place]?.quiet = nil
        }
    }

    /// Who has been quiet for a minute at least, if it is time to look.
    /// - Parameter present: the places whose connections are here; the others are forgotten.
    func take(among present: @autoclosure () -> [VoiceSessionID], at now: Timestamp) -> [Spell] {
        state.withLockedValue { state in
            let passed = state.lookedAt.map { now - $0 } ?? .zero
            // A clock that was set back is looked at anew.
            guard state.lookedAt == nil || passed >= Self.interval || passed < .zero else { return [] }
            state.lookedAt = now
            let step = min(max(passed, .zero), Self.longestStep)
            var (kept, spells): ([VoiceSessionID: Entry], [Spell]) = ([:], [])
            for place in present() {
                guard var entry = state.entries[place] else { continue }
                let quiet = entry.isSpeaking ? .zero : entry.quiet.map { $0 + step } ?? .zero
                entry.quiet = quiet
                kept[place] = entry
                if quiet >= Self.shortest {
                    spells.append(Spell(place: place, server: entry.server, duration: quiet))
                }
            }
            state.entries = kept
            return spells
        }
    }
}

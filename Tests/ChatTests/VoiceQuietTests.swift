import Kernel
import Testing

@testable import Community

@Suite("Silence in voice channels")
struct VoiceQuietTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private static func state(_ number: Int64, isMuted: Bool = false) -> VoiceState {
        VoiceState(
            id: VoiceSessionID(rawValue: number),
            holder: VoiceState.Holder(user: UserID(rawValue: number), login: SessionID(rawValue: number), session: 1),
            server: ServerID(rawValue: 100), channel: ChannelID(rawValue: 101),
            choice: VoiceState.Choice(isMuted: isMuted, isDeafened: false, hasVideo: false, isStreaming: false),
            device: nil, measure: .none, isSuppressed: false, hasPriority: false, wasBrought: false,
            joinedAt: start, keptUntil: start)
    }

    /// Looks each ten seconds.
    /// - Returns: how long those have been silent who are told of, at each look.
    private static func looks(
        _ quiet: VoiceQuiet, among places: [VoiceState], _ range: ClosedRange<Int>
    ) -> [[VoiceSessionID: Duration]] {
        range.map { number in
            let spells = quiet.take(among: places.map(\.id), at: start + .seconds(10 * number))
            return Dictionary(uniqueKeysWithValues: spells.map { ($0.place, $0.duration) })
        }
    }

    @Test("it is counted from when somebody came, spoke or did something last")
    func counting() {
        let quiet = VoiceQuiet()
        let (one, other) = (Self.state(1), Self.state(2))
        for each in [one, other] { quiet.begin(each) }
        #expect(Self.looks(quiet, among: [one, other], 0...5).joined().isEmpty)
        #expect(Self.looks(quiet, among: [one, other], 6...6) == [[one.id: .seconds(60), other.id: .seconds(60)]])
        quiet.hear(.begins, of: one.id)
        #expect(Self.looks(quiet, among: [one, other], 7...20).allSatisfy { $0.count == 1 }, "one speaks on and on")
        quiet.hear(.ends, of: one.id)
        quiet.begin(other)
        #expect(Self.looks(quiet, among: [one, other], 21...26).joined().isEmpty)
        #expect(Self.looks(quiet, among: [one, other], 27...27)[0].count == 2)
    }

    @Test("who mutes themselves while they speak is silent")
    func muting() {
        let quiet = VoiceQuiet()
        quiet.begin(Self.state(1))
        quiet.hear(.begins, of: Self.state(1).id)
        quiet.begin(Self.state(1))
        #expect(Self.looks(quiet, among: [Self.state(1)], 0...9).joined().isEmpty, "with another camera, say")
        quiet.begin(Self.state(1, isMuted: true))
        #expect(Self.looks(quiet, among: [Self.state(1)], 10...16).last?.count == 1)
    }

    @Test("a clock that is set makes nobody silent for long")
    func setClock() {
        let quiet = VoiceQuiet()
        let place = Self.state(1)
        quiet.begin(place)
        let look = { (seconds: Int64) in quiet.take(among: [place.id], at: Self.start + .seconds(seconds)) }
        #expect(look(0).isEmpty)
        #expect(look(86_400).isEmpty, "half a minute at most")
        #expect(look(86_405).isEmpty)
        #expect(look(10).isEmpty, "set back")
        #expect(look(20).isEmpty)
        #expect(look(30).isEmpty)
        #expect(look(40).map(\.duration) == [.seconds(60)])
    }

    @Test("who is not here any more is forgotten, and begins anew")
    func forgetting() {
        let quiet = VoiceQuiet()
        let place = Self.state(1)
        quiet.begin(place)
        _ = Self.looks(quiet, among: [place], 0...6)
        #expect(Self.looks(quiet, among: [], 7...7) == [[:]])
        #expect(Self.looks(quiet, among: [place], 8...8) == [[:]], "nobody knows since when")
        quiet.begin(place)
        #expect(Self.looks(quiet, among: [place], 9...13).joined().isEmpty)
    }
}

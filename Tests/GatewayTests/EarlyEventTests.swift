import Events
import Testing

@testable import Gateway

@Suite struct EarlyEventTests {
    @Test func `what waited for too long, or with too much else, is not told`() {
        var events = EarlyEvents()
        let begin = ContinuousClock.now
        func event(_ horizon: Int64) -> EarlyEvent {
            EarlyEvent(
                name: EventName(rawValue: "TYPING_START"), payload: [], intent: [], audiences: [], except: [],
                horizon: horizon,
                until: begin + .seconds(1))
        }
        for horizon in [3, 1, 2] as [Int64] { events.append(event(horizon)) }
        #expect(events.take(upTo: 0, at: begin).isEmpty && events.count == 3)
        #expect(events.take(upTo: 2, at: begin).map(\.horizon) == [1, 2])
        #expect(events.take(upTo: 2, at: begin + .seconds(1)).isEmpty && events.count == 0)
        for _ in 0...EarlyEvents.maximumCount { events.append(event(9)) }
        #expect(events.count == 1)
    }
}

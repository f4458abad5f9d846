import Events

/// An event that is not logged, and was decided by somebody who knew more of the log than is published here.
struct EarlyEvent: Sendable {
    let name: EventName
    let payload: [UInt8]
    let intent: Intents
    let audiences: [Audience]
    let except: [Audience]
    /// Up to where the log was known.
    let horizon: Int64
    /// Nobody wants to hear of it afterwards.
    let until: ContinuousClock.Instant
}

/// Those that wait, in the order in which they came.
struct EarlyEvents {
    static let maximumCount = 4096

    private var events: [EarlyEvent] = []

    var count: Int { events.count }

    /// When too many wait, all are lost: the log does not come.
    mutating func append(_ event: EarlyEvent) {
        if events.count == Self.maximumCount { events.removeAll() }
        events.append(event)
    }

    /// Those for which the log is known far enough; what is too old goes.
    mutating func take(upTo position: Int64, at now: ContinuousClock.Instant) -> [EarlyEvent] {
        guard !events.isEmpty else { return [] }
        let ready = events.filter { $0.horizon <= position && now < $0.until }
        events.removeAll { $0.horizon <= position || now >= $0.until }
        return ready
    }
}

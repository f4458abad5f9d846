/// What was asked for and what was answered; everybody of a run writes into it.
actor Ledger {
    /// A message that was acknowledged.
    struct Sent: Hashable, Sendable {
        let message: Sighting
        let channel: String
    }

    /// An answer of 500 or more.
    struct Failure: Hashable, Sendable {
        let place: Endpoint.Place
        let status: Int
        /// Since the beginning.
        let at: Duration
    }

    /// When a fault may be felt, and by whom.
    struct Window: Hashable, Sendable {
        /// Nil for everybody.
        let places: Set<Endpoint.Place>?
        let from: Duration
        let through: Duration

        func covers(_ failure: Failure) -> Bool {
            failure.at >= from && failure.at <= through && places?.contains(failure.place) != false
        }
    }

    private let begin = ContinuousClock.now
    private(set) var acknowledged: [Sent] = []
    private(set) var deleted: Set<String> = []
    private(set) var failures: [Failure] = []
    private(set) var windows: [Window] = []
    /// What was seen that must not be, such as a channel that is hidden; and what was refused that must not be.
    private(set) var oddities: [String] = []
    private(set) var isClosed = false
    private var deeds: [String: Int] = [:]
    private var lastAcknowledgement = ContinuousClock.now
    private(set) var longestGap = Duration.zero

    var now: Duration { .now - begin }

    func acknowledge(_ message: Sighting, in channel: String) {
        acknowledged.append(Sent(message: message, channel: channel))
        longestGap = max(longestGap, .now - lastAcknowledgement)
        lastAcknowledgement = .now
    }

    func acknowledgeDeletion(_ id: String) { deleted.insert(id) }

    func fail(_ status: Int, at place: Endpoint.Place) {
        failures.append(Failure(place: place, status: status, at: now))
    }

    func add(_ window: Window) { windows.append(window) }

    func find(_ oddity: String) { oddities.append("\(oddity), after \(now)") }

    func beginsRound() { longestGap = .zero }

    /// Nobody begins anything more.
    func close() { isClosed = true }

    // MARK: Who gets on

    /// Somebody has done something.
    func did(_ name: String) { deeds[name, default: 0] += 1 }

    func deeds(since earlier: [String: Int]) -> [String: Int] {
        deeds.merging(earlier) { $0 - $1 }
    }

    var allDeeds: [String: Int] { deeds }
}

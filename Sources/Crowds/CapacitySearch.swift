/// Looks for the largest number of people that is served well: twice as many each time, then between the last that was and the first
/// that was not.
package struct CapacitySearch: Sendable {
    private static let first = 500

    /// More can't be tried.
    package let limit: Int
    /// The most that were served well; 0 for none.
    package private(set) var most = 0
    private var tooMany: Int?
    /// A machine has its moments: what was not served well is tried once more.
    private var doubted: Int?

    /// - Parameter limit: at least one community.
    package init(limit: Int) { self.limit = max(Crowd.community, limit / Crowd.community * Crowd.community) }

    /// How many are to be tried next; nil when it is known well enough.
    package var next: Int? {
        if let doubted { return doubted }
        guard let tooMany else {
            if most >= limit { return nil }
            return min(limit, most == 0 ? Self.first : 2 * most)
        }
        let step = max(Crowd.community, most / 10 / Crowd.community * Crowd.community)
        guard tooMany - most > step else { return nil }
        return (most + tooMany) / 2 / Crowd.community * Crowd.community
    }

    package mutating func note(_ round: CrowdRound) {
        let people = round.people
        defer { doubted = round.isGood || doubted == people ? nil : people }
        if round.isGood { return most = max(most, people) }
        if doubted == people { tooMany = min(tooMany ?? people, people) }
    }

    /// Whether it ended because more could not be tried.
    package var isBounded: Bool { most >= limit }
}

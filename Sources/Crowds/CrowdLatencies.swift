/// How long people waited.
package struct CrowdLatencies: Sendable {
    /// For answers to requests, from when they were due.
    package internal(set) var answers = Histogram()
    /// For all that there is, when one comes online.
    package internal(set) var entrances = Histogram()
    /// For what somebody else says, from when it was due to when it came.
    package internal(set) var arrivals = Histogram()
    /// What was refused, not answered, or did not arrive.
    package internal(set) var failures = 0

    package init() {}

    mutating func record(_ time: Duration, of deed: Deed) {
        if deed == .comeOnline { entrances.record(time) } else { answers.record(time) }
    }

    mutating func merge(_ other: CrowdLatencies) {
        answers.merge(other.answers)
        entrances.merge(other.entrances)
        arrivals.merge(other.arrivals)
        failures += other.failures
    }
}

import Metrics

/// What operators see of a way.
struct BusFigures: Sendable {
    private struct Counters: Sendable {
        let sent: Counter
        let heard: Counter
        let lost: Counter
        let refused: Counter

        init(_ way: BusWay, _ subject: BusSubject) {
            let dimensions = [("way", way.rawValue), ("subject", subject.rawValue)]
            sent = Counter(label: "bus_messages_sent_total", dimensions: dimensions)
            heard = Counter(label: "bus_messages_heard_total", dimensions: dimensions)
            lost = Counter(label: "bus_messages_lost_total", dimensions: dimensions)
            refused = Counter(label: "bus_messages_refused_total", dimensions: dimensions)
        }
    }

    private let counters: [BusSubject: Counters]
    private let unheardCounter: Counter
    private let connected: Gauge

    init(_ way: BusWay) {
        counters = Dictionary(uniqueKeysWithValues: BusSubject.allCases.map { ($0, Counters(way, $0)) })
        unheardCounter = Counter(label: "bus_messages_unheard_total", dimensions: [("way", way.rawValue)])
        connected = Gauge(label: "bus_connected", dimensions: [("way", way.rawValue)])
        broke()
    }

    func connects() { connected.record(1) }
    func broke() { connected.record(0) }
    func sent(_ subject: BusSubject) { counters[subject]?.sent.increment() }
    func heard(_ subject: BusSubject) { counters[subject]?.heard.increment() }
    /// What was to be sent, and was not.
    func lost(_ subject: BusSubject) { counters[subject]?.lost.increment() }
    /// What came from somebody who is no node of the instance.
    func refused(_ subject: BusSubject) { counters[subject]?.refused.increment() }
    /// What came, and was let go of because too much came.
    func unheard(_ count: Int) { unheardCounter.increment(by: count) }
}

import Metrics

/// What operators see of the gateway.
struct GatewayMetrics: Sendable {
    let sessions = Meter(label: "gateway_sessions")
    let deliveries = Counter(label: "gateway_deliveries_total")
    private let closes: [CloseCode: Counter]
    private let endedByClient = Counter(label: "gateway_closes_total", dimensions: [("code", "client")])

    init() {
        let counters = CloseCode.allCases.map { code in
            (code, Counter(label: "gateway_closes_total", dimensions: [("code", String(code.rawValue))]))
        }
        closes = Dictionary(uniqueKeysWithValues: counters)
    }

    func closed(_ code: CloseCode) { closes[code]?.increment() }

    func closedByClient() { endedByClient.increment() }
}

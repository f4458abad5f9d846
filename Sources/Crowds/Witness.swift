import Client
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Says something twice a second, and sees when it comes to somebody else.
enum Witness {
    private static let pause = Duration.milliseconds(500)
    /// What has not come by then counts as lost.
    private static let patience = Duration.seconds(5)

    static func watch(
        _ channel: String, as speaker: String, listening listener: String, on port: Int,
        until end: ContinuousClock.Instant
    ) async throws -> CrowdLatencies {
        let arrivals = NIOLockedValueBox<[String: ContinuousClock.Instant]>([:])
        let socket = try await GatewaySocket.connect(port: port) { event in
            guard let text = event["d"]?["content"]?.string else { return }
            arrivals.withLockedValue { $0[text] = .now }
        }
        try await socket.send(["op": 2, "d": ["token": .string(listener)]])
        socket.beat(every: .seconds(30))
        while try await socket.next()["op"] != 0 {}
        let visitor = Visitor(connection: try await HTTPConnection.connect(port: port), token: speaker)
        var said: [String: ContinuousClock.Instant] = [:]
        var due = ContinuousClock.now
        while due < end {
            let text = "seen by a witness at \(due)"
            said[text] = due
            _ = try? await visitor.send(.POST, "/channels/\(channel)/messages", ["content": .string(text)])
            due += pause
            try await Task.sleep(until: due, clock: .continuous)
        }
        let latest = ContinuousClock.now + patience
        while arrivals.withLockedValue({ heard in said.keys.contains { heard[$0] == nil } }), .now < latest {
            try await Task.sleep(for: .milliseconds(20))
        }
        await visitor.connection.close()
        await socket.disconnect()
        return latencies(of: said, arrivals.withLockedValue { $0 })
    }

    private static func latencies(
        of said: [String: ContinuousClock.Instant], _ arrivals: [String: ContinuousClock.Instant]
    ) -> CrowdLatencies {
        var latencies = CrowdLatencies()
        for (text, due) in said {
            if let arrival = arrivals[text] {
                latencies.arrivals.record(arrival - due)
            } else {
                latencies.failures += 1
            }
        }
        return latencies
    }
}

import Foundation

/// What was seen while so many people did what people do.
package struct CrowdRound: Sendable {
    /// So long may 99 of 100 answers take, and the way of what is said to others.
    package static let longest_ms = 200.0
    /// So long may 99 of 100 wait for all that there is, when they come online.
    package static let longestEntrance_ms = 1000.0

    package let people: Int
    package let latencies: CrowdLatencies
    /// People whose connection the server has closed, or did not take.
    package let lost: Int
    package let elapsed_s: Double
    /// Time of processors that the server took, and those who measured.
    package let server_s: Double
    package let measuring_s: Double
    /// Resident, of the server, at the end.
    package let memory_bytes: Int

    package init(
        people: Int, latencies: CrowdLatencies, lost: Int, elapsed_s: Double, server_s: Double, measuring_s: Double,
        memory_bytes: Int
    ) {
        self.people = people
        self.latencies = latencies
        self.lost = lost
        self.elapsed_s = elapsed_s
        self.server_s = server_s
        self.measuring_s = measuring_s
        self.memory_bytes = memory_bytes
    }

    /// Of people who were not all let in.
    package static func refused(_ people: Int, connected: Int) -> CrowdRound {
        CrowdRound(
            people: people, latencies: CrowdLatencies(), lost: max(1, people - connected), elapsed_s: 0, server_s: 0,
            measuring_s: 0, memory_bytes: 0)
    }

    package var p50_ms: Double { latencies.answers.percentile_ms(0.5) }
    package var p99_ms: Double { latencies.answers.percentile_ms(0.99) }
    package var entrance_ms: Double { latencies.entrances.percentile_ms(0.99) }
    package var arrival_ms: Double { latencies.arrivals.percentile_ms(0.99) }

    package var isGood: Bool {
        lost == 0 && latencies.failures == 0 && latencies.answers.count > 0 && p99_ms < Self.longest_ms
            && arrival_ms < Self.longest_ms && entrance_ms < Self.longestEntrance_ms
    }

    /// Of all processors of the machine, in percent.
    package func share(of time_s: Double) -> Double {
        100 * time_s / max(elapsed_s, 0.001) / Double(max(1, ProcessInfo.processInfo.activeProcessorCount))
    }
}

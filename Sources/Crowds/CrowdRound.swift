import Foundation

/// What was seen while so many people did what people do.
package struct CrowdRound: Sendable {
    /// So long may 99 of 100 answers take.
    package static let longest_ms = 200.0

    package let people: Int
    package let latencies: Histogram
    /// Requests that were refused, or not answered.
    package let failures: Int
    package let elapsed_s: Double
    /// Time of processors that the server took, and those who measured.
    package let server_s: Double
    package let measuring_s: Double
    /// Resident, of the server, at the end.
    package let memory_bytes: Int

    package init(
        people: Int, latencies: Histogram, failures: Int, elapsed_s: Double, server_s: Double, measuring_s: Double,
        memory_bytes: Int
    ) {
        self.people = people
        self.latencies = latencies
        self.failures = failures
        self.elapsed_s = elapsed_s
        self.server_s = server_s
        self.measuring_s = measuring_s
        self.memory_bytes = memory_bytes
    }

    package var p50_ms: Double { latencies.percentile_ms(0.5) }
    package var p99_ms: Double { latencies.percentile_ms(0.99) }

    package var isGood: Bool { failures == 0 && latencies.count > 0 && p99_ms < Self.longest_ms }

    /// Of all processors of the machine, in percent.
    package func share(of time_s: Double) -> Double {
        100 * time_s / max(elapsed_s, 0.001) / Double(max(1, ProcessInfo.processInfo.activeProcessorCount))
    }
}

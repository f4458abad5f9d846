import Database
import Events
import Features
import Kernel

/// The nodes of the instance, for who administers it. What there is of them is known to the program that puts the parts together.
struct Nodes: Sendable {
    let parts: Parts
    /// Those that hold a number at the moment.
    let living: @Sendable (Transaction) throws -> [Cluster.Node]

    func cluster() async throws -> Cluster {
        try await parts.database.read { [parts, living] tx in
            Cluster(
                nodes: try living(tx), position: try parts.log.newestPosition(tx),
                waiting: try parts.log.waitingCount(tx), isLed: try parts.log.isLed(tx))
        }
    }
}

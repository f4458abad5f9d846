import ArgumentParser
import Aviary
import Foundation
import Kernel

/// `aviary cluster`: the nodes of an instance on PostgreSQL.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Show the nodes of the instance.",
        discussion: """
            It needs the same settings as the server. What a node says of itself is up to five seconds old. LAG is how many \
            events it has still to tell its clients; CLOCK how many milliseconds its clock is ahead of the database's.
            """)

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        ProcessRules.apply()
        do {
            let settings = try await settings.load()
            try settings.requireInstance()
            print(Self.text(of: try await Cluster.read(settings)))
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
    }

    static func text(of cluster: Cluster) -> String {
        let head = ["NODE", "VERSION", "STARTED", "SEEN", "CLOCK", "POSITION", "LAG", "SESSIONS", "LEADS"]
        let rows = cluster.nodes.map { node in
            let seen = "\(max(0, node.silence.wholeSeconds)) s ago"
            guard let report = node.report else { return ["\(node.number)", "?", "?", seen, "?", "?", "?", "?", "?"] }
            return [
                "\(node.number)", report.version, report.startedAt.iso8601, seen, "\(report.skew_ms) ms",
                "\(report.position)",
                "\(max(0, cluster.position.subtractingReportingOverflow(report.position).partialValue))",
                "\(report.sessions)",
                report.leads ? "yes" : "no",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([head] + rows).map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
                .trimmingCharacters(in: .whitespaces)
        }
        return lines.joined(separator: "\n")
            + "\n\nnewest event: \(cluster.position); without a position yet: \(cluster.waiting)"
    }
}

import ArgumentParser
import Aviary
import Chat
import Foundation
import Kernel

/// `aviary cluster`: the nodes of an instance on PostgreSQL.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Show the nodes of the instance.",
        discussion: """
            It needs the same settings as the server. What a node says of itself is up to five seconds old. LAG is how many \
            events it had still to tell its clients; CLOCK how many milliseconds its clock is ahead of the database's.
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
        let head = ["NODE", "MACHINE", "VERSION", "STARTED", "SEEN", "CLOCK", "POSITION", "LAG", "SESSIONS", "LEADS"]
        let rows = cluster.nodes.map { node in
            let seen = "\(max(0, node.silence.wholeSeconds)) s ago"
            guard let report = node.report else {
                return ["\(node.number)", "?", "?", "?", seen, "?", "?", "?", "?", "?"]
            }
            return [
                "\(node.number)", report.machine ?? "?", report.version, report.startedAt.iso8601, seen,
                "\(report.skew_ms) ms",
                "\(report.position)",
                cluster.lag(of: node).map { "\($0)" } ?? "?", "\(report.sessions)",
                node.leads == true ? "yes" : "no",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([head] + rows).map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
                .trimmingCharacters(in: .whitespaces)
        }
        let problems =
            cluster.problems.map(sentence)
            + cluster.nodes.flatMap { node in
                cluster.problems(of: node).map { "node \(node.number) \(sentence($0))" }
            }
        return
            (lines + ["", "newest event: \(cluster.position); without a position yet: \(cluster.waiting)"] + problems)
            .joined(separator: "\n")
    }

    private static func sentence(_ problem: Cluster.Problem) -> String {
        switch problem {
        case .noLeader: "no node leads: events get no positions, and what is due is not done"
        case .versions: "the nodes are of different versions"
        }
    }

    private static func sentence(_ problem: Cluster.NodeProblem) -> String {
        switch problem {
        case .silent: "was not heard for a while"
        case .clock: "has a clock that is not the database's: set both by NTP"
        case .clockRefused: "has a clock that is wrong by more than ten seconds, and takes no traffic"
        case .behind: "is far behind with what it has to tell its clients"
        case .files: "keeps files elsewhere than the others, and takes no traffic"
        case .bus: "does not reach a bus; what others write may come late"
        case .unknown: "says nothing of itself: a command, or another version"
        }
    }
}

import Foundation

/// What a machine can do, in a sentence and on a page.
package struct CapacityReport: Sendable {
    package enum Way: Sendable {
        /// Looked for the most.
        case search
        /// The same, and more could not be tried.
        case boundedSearch
        /// The same number all the time.
        case holding
    }

    package let machine: Machine
    package let mix: Mix
    package let rounds: [CrowdRound]
    package let way: Way

    package init(machine: Machine, doing mix: Mix = .everyday, rounds: [CrowdRound], way: Way) {
        self.mix = mix
        self.machine = machine
        self.rounds = rounds
        self.way = way
    }

    package var sentence: String {
        switch way {
        case .holding: heldSentence
        case .search, .boundedSearch: foundSentence
        }
    }

    private var foundSentence: String {
        guard let best = rounds.filter(\.isGood).max(by: { $0.people < $1.people }) else {
            return """
                This machine does not serve \(rounds.map(\.people).min() ?? Crowd.community) people who are online at the same time \
                well: more than one answer in a hundred takes longer than \(CrowdRound.longest_ms.short) ms, or something fails.
                """
        }
        let isBounded = way == .boundedSearch
        let more =
            isBounded
            ? " More could not be tried, since a process may have no more open files or ports here." : ""
        return """
            This machine serves \(isBounded ? "at least" : "about") \(Double(best.people).short) people who are online at the same \
            time: 99 of 100 answers came within \(best.p99_ms.short) ms, and what one said within \
            \(best.arrival_ms.short) ms to others, while the server used \
            \(best.share(of: best.server_s).short) % of its processors and those who measured \
            \(best.share(of: best.measuring_s).short) %.\(more)
            """
    }

    private var heldSentence: String {
        let time_s = rounds.map(\.elapsed_s).reduce(0, +).rounded()
        let memory =
            rounds.count > 1
            ? "went from \(Self.mebibytes(rounds.first)) to \(Self.mebibytes(rounds.last))"
            : "came to \(Self.mebibytes(rounds.last))"
        return """
            For \(time_s.short) seconds \(Double(rounds.first?.people ?? 0).short) people were online: 99 of 100 answers came within \
            \((rounds.map(\.p99_ms).max() ?? 0).short) ms\(rounds.count > 1 ? " in the slowest round" : ""), \
            \(rounds.map(\.latencies.failures).reduce(0, +)) failed, \(rounds.map(\.lost).reduce(0, +)) people were lost, and \
            the server's memory \(memory) MiB.
            """
    }

    private static func mebibytes(_ round: CrowdRound?) -> String {
        (Double(round?.memory_bytes ?? 0) / 1_048_576).short
    }

    /// Of a round while others are waited for.
    package static func line(of round: CrowdRound) -> String {
        zip(row(of: round), units).filter { $0.0 != nothing }.map { $1.replacing("#", with: $0) }.joined(
            separator: ", ")
    }

    private static let units = [
        "# people", "# requests/s", "p50 # ms", "p99 # ms", "to others p99 # ms", "online p99 # ms", "# failed",
        "# lost", "server # %", "measuring # %", "# MiB",
    ]

    private static func row(of round: CrowdRound) -> [String] {
        [
            Double(round.people).short,
            (Double(round.latencies.answers.count) / max(round.elapsed_s, 0.001)).short, round.p50_ms.short,
            round.p99_ms.short, short(round.arrival_ms, of: round.latencies.arrivals),
            short(round.entrance_ms, of: round.latencies.entrances), Double(round.latencies.failures).short,
            Double(round.lost).short,
            round.share(of: round.server_s).short, round.share(of: round.measuring_s).short, mebibytes(round),
        ]
    }

    /// What nobody did took no time.
    private static let nothing = "–"

    private static func short(_ time_ms: Double, of times: Histogram) -> String {
        times.count == 0 ? nothing : time_ms.short
    }

    /// In Markdown.
    package var page: String {
        """
        # What this machine can do

        \(sentence)

        \(machine.lines.map { "- \($0): \($1)" }.joined(separator: "\n"))

        | people online | requests/s | answers: p50, ms | p99, ms | to others: p99, ms | coming online: p99, ms | failed | lost | \
        server, % of the processors | measuring, % | memory, MiB |
        |---|---|---|---|---|---|---|---|---|---|---|
        \(rounds.map { "| " + Self.row(of: $0).joined(separator: " | ") + " |" }.joined(separator: "\n"))

        Each is connected; \(mix.description). They are in communities of \(Crowd.community), so each message goes to
        \(Crowd.community) connections. Requests come at random moments, and are measured from when they were due. The database was a new one
        (SQLite), limits of requests were off, and those who measured were on the same machine.

        """
    }
}

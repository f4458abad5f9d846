import Crowds
import Foundation
import Kernel

/// A measured number, and what it should be.
struct Figure {
    enum Target {
        case atLeast(Double)
        case atMost(Double)
        case below(Double)

        func isMet(by value: Double) -> Bool {
            switch self {
            case .atLeast(let bound): value >= bound
            case .atMost(let bound): value <= bound
            case .below(let bound): value < bound
            }
        }

        var text: String {
            switch self {
            case .atLeast(let bound): "≥ \(bound.short)"
            case .atMost(let bound): "≤ \(bound.short)"
            case .below(let bound): "< \(bound.short)"
            }
        }
    }

    /// What a row is a point of: how something grows with something else.
    struct Point {
        /// What there is more and more of, such as members.
        let kind: String
        let size: Int
        let what: String
    }

    struct Row {
        let name: String
        let value: Double
        let unit: String
        let target: Target?
        let note: String
        var point: Point? = nil
    }

    let rows: [Row]

    /// How something is where there is so much of something.
    init(
        _ what: String, with size: Int, _ kind: String, _ value: Double, _ unit: String, target: Target? = nil,
        note: String = ""
    ) {
        rows = [
            Row(
                name: "growth, \(size.formatted()) \(kind): \(what)", value: value, unit: unit, target: target,
                note: note,
                point: Point(kind: kind, size: size, what: what))
        ]
    }

    init(
        _ name: String, _ value: Double, _ unit: String, target: Target? = nil, note: String = "",
        further: [(name: String, value: Double, unit: String, target: Target?)] = []
    ) {
        rows =
            [Row(name: name, value: value, unit: unit, target: target, note: note)]
            + further.map {
                Row(name: "\(name): \($0.name)", value: $0.value, unit: $0.unit, target: $0.target, note: "")
            }
    }
}

/// Everything that was measured in one run.
struct Report {
    let machine: Machine
    let database: String
    private var rows: [Figure.Row] = []

    init(machine: Machine, database: String) {
        self.machine = machine
        self.database = database
    }

    mutating func add(_ figure: Figure) {
        rows += figure.rows
        for row in figure.rows {
            FileHandle.standardError.write(Data("\(row.name): \(row.value.short) \(row.unit)\n".utf8))
        }
    }

    /// How everything grew, a plot for each thing that there was more and more of.
    var plots: [GrowthPlot] {
        let points = rows.compactMap { row in row.point.map { (point: $0, row: row) } }
        return Dictionary(grouping: points, by: \.point.kind).sorted { $0.key < $1.key }.map { kind, points in
            var plot = GrowthPlot(kind: kind, machine: machine)
            for (point, row) in points { plot.add(point.size, row.value, to: "\(point.what), \(row.unit)") }
            return plot
        }
    }

    private func verdict(_ row: Figure.Row) -> String {
        row.target.map { $0.isMet(by: row.value) ? "yes" : "no" } ?? ""
    }

    var table: String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            let name = row.name + String(repeating: " ", count: width - row.name.count)
            let target = row.target.map { "  target \($0.text): \(verdict(row))" } ?? ""
            return "\(name)  \(row.value.short) \(row.unit)\(target)  \(row.note)"
        }.joined(separator: "\n")
    }

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("machine")
        json.beginObject()
        for (key, value) in machine.lines { json.member(key, value) }
        json.endObject()
        json.member("database", database)
        json.key("figures")
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.member("name", row.name)
            json.member("value", row.value)
            json.member("unit", row.unit)
            json.member("target", row.target?.text)
            json.member("reached", row.target.map { $0.isMet(by: row.value) })
            json.member("note", row.note)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    var page: String {
        """
        # Benchmarks

        Written by `make bench`. Release build, rate limits off, \(database), the load generator on the same machine; each figure is the
        median of its rounds. Machines like this one are shared and noisy: what counts are the ratios within one run.

        \(machine.lines.map { "- \($0): \($1)" }.joined(separator: "\n"))

        | what | figure | target | reached | beside it |
        |---|---|---|---|---|
        \(rows.filter { $0.point == nil }.map { "| \($0.name) | \($0.value.short) \($0.unit) | \($0.target?.text ?? "") | \(verdict($0)) | \($0.note) |" }.joined(separator: "\n"))

        Sends and lists: connections that are kept alive, a user each, one request after the other on each; a second to warm up, then the time
        that counts. A send is answered when it is on disk. Fan-out: the rate from the first arrival of an event to its last over all
        sessions; the receiver (C, epoll, one thread, looking at frame headers only) is the same for the server and for the program that sends with
        bare `send`, and the two are measured in turn.
        \(plots.map(growth).joined())
        """
    }

    /// How everything grew with one thing: a column for each size of it, and the drawing beside the page.
    private func growth(_ plot: GrowthPlot) -> String {
        let points = rows.compactMap { row in
            row.point.flatMap {
                $0.kind == plot.kind ? (what: "\($0.what), \(row.unit)", size: $0.size, row: row) : nil
            }
        }
        let sizes = Set(points.map(\.size)).sorted()
        var names: [String] = []
        for point in points where !names.contains(point.what) { names.append(point.what) }
        let lines = names.map { name in
            let own = points.filter { $0.what == name }
            let cells = sizes.map { size in own.first { $0.size == size }?.row.value.short ?? "" }
            let last = own.last?.row
            return "| \(name) | \(cells.joined(separator: " | ")) | \(last?.target?.text ?? "") | \(last?.note ?? "") |"
        }
        return """

            ### Growth with \(plot.kind)

            ![Growth with \(plot.kind)](growth-\(plot.kind).svg)

            | | \(sizes.map { $0.formatted() }.joined(separator: " | ")) | wanted | beside the last |
            |\(String(repeating: "---|", count: sizes.count + 3))
            \(lines.joined(separator: "\n"))

            """
    }
}

import Crowds
import Foundation
import Kernel

/// How things grow with something that there is more and more of, drawn as SVG on two logarithmic scales: what is flat is a level line,
/// and what grows as much as that other thing rises by a decade with each.
struct GrowthPlot {
    let kind: String
    private let caption: String
    private var lines: [(what: String, points: [(size: Int, value: Double)])] = []

    private static let colours = [
        "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#7f7f7f",
    ]
    private static let (left, top, width, height, legend) = (70.0, 50.0, 430.0, 400.0, 420.0)
    /// Of a line of the legend.
    private static let spacing = 22.0

    init(kind: String, machine: Machine) {
        self.kind = kind
        caption = machine.lines.filter { ["processor", "cores", "date"].contains($0.0) }.map { "\($0.0) \($0.1)" }
            .joined(separator: ", ")
    }

    mutating func add(_ size: Int, _ value: Double, to what: String) {
        let index = lines.firstIndex { $0.what == what } ?? lines.endIndex
        if index == lines.endIndex { lines.append((what, [])) }
        // Nothing at all has no place on such a scale.
        lines[index].points.append((size, max(value, 0.01)))
    }

    // MARK: Scales

    private var sizes: [Int] { Set(lines.flatMap { $0.points.map(\.size) }).sorted() }

    /// The decades between which all values lie.
    private var decades: ClosedRange<Int> {
        let values = lines.flatMap { $0.points.map(\.value) }
        let lowest = Int(log10(values.min() ?? 1).rounded(.down))
        return lowest...max(lowest + 1, Int(log10(values.max() ?? 1).rounded(.up)))
    }

    private func x(_ size: Int) -> Double {
        let (first, last) = (log10(Double(sizes.first ?? 1)), log10(Double(sizes.last ?? 1)))
        return Self.left + (last > first ? (log10(Double(size)) - first) / (last - first) : 0.5) * Self.width
    }

    private func y(_ value: Double) -> Double {
        let share = (log10(value) - Double(decades.lowerBound)) / Double(decades.count - 1)
        return Self.top + (1 - share) * Self.height
    }

    // MARK: Drawing

    var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \((Self.left + Self.width + Self.legend).short) \(
            (Self.top + max(Self.height, Double(lines.count) * Self.spacing) + 60).short)" \
        font-family="sans-serif" font-size="13" role="img">
        <title>Growth with \(kind)</title>
        <rect width="100%" height="100%" fill="#fff"/>
        <text x="\(Self.left.short)" y="24" font-size="16">Growth with \(kind)</text>
        <text x="\(Self.left.short)" y="42" fill="#555">\(caption.escapedForHTML)</text>
        \(grid.joined(separator: "\n"))
        \(lines.indices.map(drawn).joined(separator: "\n"))
        </svg>

        """
    }

    private var grid: [String] {
        let (bottom, right) = (Self.top + Self.height, Self.left + Self.width)
        let levels = decades.map { decade in
            let value = pow(10, Double(decade))
            return """
                <path d="M\(Self.left.short) \(y(value).short)H\(right.short)" stroke="#ddd"/>
                <text x="\((Self.left - 8).short)" y="\((y(value) + 4).short)" text-anchor="end">\(value.short)</text>
                """
        }
        return levels
            + sizes.map { size in
                """
                <path d="M\(x(size).short) \(Self.top.short)V\(bottom.short)" stroke="#ddd"/>
                <text x="\(x(size).short)" y="\((bottom + 20).short)" text-anchor="middle">\(size.formatted())</text>
                """
            }
    }

    private func drawn(_ index: Int) -> String {
        let line = lines[index]
        let colour = Self.colours[index % Self.colours.count]
        // The colours come again, with gaps.
        let dashes = index < Self.colours.count ? "" : " stroke-dasharray=\"6 4\""
        let points = line.points.map { "\(x($0.size).short),\(y($0.value).short)" }.joined(separator: " ")
        let dots = line.points.map {
            "<circle cx=\"\(x($0.size).short)\" cy=\"\(y($0.value).short)\" r=\"3\" fill=\"\(colour)\"/>"
        }
        let (start, level) = (Self.left + Self.width + 20, Self.top + Double(index) * Self.spacing + 6)
        return """
            <polyline points="\(points)" fill="none" stroke="\(colour)" stroke-width="2"\(dashes)/>\(dots.joined())
            <path d="M\(start.short) \(level.short)h24" stroke="\(colour)" stroke-width="2"\(dashes)/>
            <text x="\((start + 30).short)" y="\((level + 4).short)">\(line.what.escapedForHTML)</text>
            """
    }
}

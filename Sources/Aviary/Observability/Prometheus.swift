import Kernel
import Metrics
import NIOConcurrencyHelpers

/// Collects what the parts measure (swift-metrics) and shows it as Prometheus text (exposition format 0.0.4).
public final class Prometheus: MetricsFactory {
    private struct Series: Hashable, Comparable {
        let name: String
        let labels: String

        static func < (left: Series, right: Series) -> Bool {
            (left.name, left.labels) < (right.name, right.labels)
        }
    }

    private let counters = NIOLockedValueBox<[Series: PrometheusCounter]>([:])
    private let gauges = NIOLockedValueBox<[Series: PrometheusGauge]>([:])
    private let histograms = NIOLockedValueBox<[Series: PrometheusHistogram]>([:])

    public init() {}

    private func series(_ label: String, _ dimensions: [(String, String)]) -> Series {
        let escaped = dimensions.map { name, value in
            "\(name)=\"\(value.escaping(["\\": "\\\\", "\"": "\\\"", "\n": "\\n"]))\""
        }
        let name = String(label.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
        return Series(name: "aviary_" + name, labels: escaped.joined(separator: ","))
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let series = series(label, dimensions)
        return counters.withLockedValue { $0.element(series, orMake: PrometheusCounter()) }
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let series = series(label, dimensions)
        if aggregate { return histograms.withLockedValue { $0.element(series, orMake: PrometheusHistogram()) } }
        return gauges.withLockedValue { $0.element(series, orMake: PrometheusGauge()) }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let series = series(label, dimensions)
        return gauges.withLockedValue { $0.element(series, orMake: PrometheusGauge()) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let series = series(label + "_seconds", dimensions)
        return histograms.withLockedValue { $0.element(series, orMake: PrometheusHistogram()) }
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// The exposition.
    public var text: String {
        var lines: [String] = []
        append(counters.withLockedValue { $0 }, type: "counter", to: &lines) { series, counter in
            ["\(series.name)\(Self.braces(series.labels)) \(counter.value)"]
        }
        append(gauges.withLockedValue { $0 }, type: "gauge", to: &lines) { series, gauge in
            ["\(series.name)\(Self.braces(series.labels)) \(gauge.value)"]
        }
        append(histograms.withLockedValue { $0 }, type: "histogram", to: &lines) { series, histogram in
            histogram.lines(name: series.name, labels: series.labels)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func append<Handler>(
        _ all: [Series: Handler], type: String, to lines: inout [String], _ show: (Series, Handler) -> [String]
    ) {
        var lastName: String?
        for (series, handler) in all.sorted(by: { $0.key < $1.key }) {
            if series.name != lastName { lines.append("# TYPE \(series.name) \(type)") }
            lastName = series.name
            lines += show(series, handler)
        }
    }

    fileprivate static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
}

extension Dictionary {
    fileprivate mutating func element(_ key: Key, orMake new: @autoclosure () -> Value) -> Value {
        if let known = self[key] { return known }
        let made = new()
        self[key] = made
        return made
    }
}

final class PrometheusCounter: CounterHandler {
    private let count = NIOLockedValueBox<Int64>(0)

    var value: Int64 { count.withLockedValue { $0 } }

    func increment(by amount: Int64) { count.withLockedValue { $0 += amount } }
    func reset() { count.withLockedValue { $0 = 0 } }
}

final class PrometheusGauge: MeterHandler, RecorderHandler {
    private let current = NIOLockedValueBox<Double>(0)

    var value: Double { current.withLockedValue { $0 } }

    func set(_ value: Int64) { current.withLockedValue { $0 = Double(value) } }
    func set(_ value: Double) { current.withLockedValue { $0 = value } }
    func increment(by amount: Double) { current.withLockedValue { $0 += amount } }
    func decrement(by amount: Double) { current.withLockedValue { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// Times in seconds, in buckets from half a millisecond to ten seconds.
final class PrometheusHistogram: TimerHandler, RecorderHandler {
    private static let bounds_s: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private struct State {
        var buckets = [Int64](repeating: 0, count: PrometheusHistogram.bounds_s.count + 1)
        var sum: Double = 0
    }

    private let state = NIOLockedValueBox(State())

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds_s.firstIndex { value <= $0 } ?? Self.bounds_s.count
        state.withLockedValue { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    fileprivate func lines(name: String, labels: String) -> [String] {
        let state = state.withLockedValue { $0 }
        let separator = labels.isEmpty ? "" : ","
        var total: Int64 = 0
        var lines: [String] = []
        for (bound, count) in zip(Self.bounds_s.map(\.description) + ["+Inf"], state.buckets) {
            total += count
            lines.append("\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(total)")
        }
        lines.append("\(name)_sum\(Prometheus.braces(labels)) \(state.sum)")
        lines.append("\(name)_count\(Prometheus.braces(labels)) \(total)")
        return lines
    }
}

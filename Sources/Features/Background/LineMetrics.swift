import Metrics

/// What monitors see of rows that stand in line to be worked off.
package struct LineMetrics: Sendable {
    private let waiting: Gauge
    /// There from the start: a monitor sees a first one only in what was 0 before.
    private let dropped: Counter

    package init(_ work: String) {
        waiting = Gauge(label: "background_rows_waiting", dimensions: [("work", work)])
        dropped = Counter(label: "background_rows_dropped_total", dimensions: [("work", work)])
    }

    package func wait(_ count: Int) { waiting.record(Int64(count)) }

    /// Rows that nobody will work off: too many, too old, or tried too often.
    package func drop(_ count: Int) { dropped.increment(by: Int64(count)) }
}

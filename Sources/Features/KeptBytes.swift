import Metrics

/// How much memory a cache takes, in the metrics.
package struct KeptBytes: Sendable {
    private let gauge: Gauge

    package init(of what: String) { gauge = Gauge(label: "kept_bytes", dimensions: [("what", what)]) }

    package func record(_ bytes: Int) { gauge.record(Int64(bytes)) }
}

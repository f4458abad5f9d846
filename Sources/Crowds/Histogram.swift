/// Latencies in buckets that are at most 1/64 of their value wide.
package struct Histogram: Sendable {
    private static let subBuckets = 64
    private var counts = [Int](repeating: 0, count: 64 * Histogram.subBuckets)
    package private(set) var count = 0
    package private(set) var maximum_us = 0

    package init() {}

    package mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let value = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        counts[Self.bucket(value)] += 1
        count += 1
        maximum_us = max(maximum_us, value)
    }

    package mutating func merge(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        maximum_us = max(maximum_us, other.maximum_us)
    }

    /// The value below which the given share lies, in milliseconds.
    /// - Returns: 0 where nothing was recorded.
    package func percentile_ms(_ share: Double) -> Double {
        guard count > 0 else { return 0 }
        var left = Int((Double(count) * share).rounded(.up))
        for (index, bucket) in counts.enumerated() {
            left -= bucket
            if left <= 0 { return Double(Self.value(index)) / 1000 }
        }
        return Double(maximum_us) / 1000
    }

    private static func bucket(_ value: Int) -> Int {
        guard value >= subBuckets else { return max(0, value) }
        let exponent = Int.bitWidth - value.leadingZeroBitCount - 7
        return (exponent + 1) * subBuckets + (value >> exponent) - subBuckets
    }

    private static func value(_ bucket: Int) -> Int {
        guard bucket >= subBuckets else { return bucket }
        let exponent = bucket / subBuckets - 1
        return (bucket % subBuckets + subBuckets) << exponent
    }
}

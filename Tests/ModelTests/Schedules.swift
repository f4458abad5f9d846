import Foundation
import Testing

/// What decides: the same seed decides the same.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }

    mutating func one<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}

/// Something did not hold.
struct Breach: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Runs a model by many seeds. `AVIARY_TEST_SCHEDULES` says how many, and `AVIARY_TEST_SEED` from which one on.
enum Schedules {
    /// For a second, in `make test`.
    private static let usualCount: UInt64 = 500
    /// In which something that is broken on purpose has to be noticed.
    private static let maximumSearch: UInt64 = 5000
    private static let block: UInt64 = 50

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static func seeds(_ part: UInt64) -> Range<UInt64> {
        let first = number("AVIARY_TEST_SEED") ?? 0
        return first..<first + max(1, (number("AVIARY_TEST_SCHEDULES") ?? usualCount) / part)
    }

    /// Records each seed by which something does not hold, but for those that come after many.
    /// - Parameter part: one in so many of the seeds is enough, since it takes as much longer.
    static func run(part: UInt64 = 1, _ model: @escaping @Sendable (UInt64) throws -> Void) async {
        let seeds = seeds(part)
        let blocks = stride(from: seeds.lowerBound, to: seeds.upperBound, by: UInt64.Stride(block)).map {
            $0..<min($0 + block, seeds.upperBound)
        }
        let breaches = await withTaskGroup(of: [String].self) { group -> [String] in
            for block in blocks {
                group.addTask {
                    block.compactMap { seed in
                        do {
                            try model(seed)
                            return nil
                        } catch {
                            return "scripts/schedules 1 \(seed): \(error)"
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for breach in breaches.prefix(3) { Issue.record("\(breach)") }
        #expect(breaches.count == 0, "of \(seeds.count)")
    }

    /// What has to be noticed.
    /// - Returns: the first breach.
    static func breach(_ model: (UInt64) throws -> Void) -> String? {
        for seed in 0..<maximumSearch {
            do {
                try model(seed)
            } catch {
                return "\(error)"
            }
        }
        return nil
    }
}

import NIOConcurrencyHelpers

/// A source of random bytes. A value that is passed in, so that a run can be repeated from its seed.
public protocol Randomness: Sendable {
    func next() -> UInt64
}

extension Randomness {
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Each element is equally likely at each place.
    public func string(_ length: Int, of alphabet: [Character]) -> String {
        var generator = RandomnessGenerator(source: self)
        return String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }
}

/// Lets the standard library's `random(in:using:)` draw from a `Randomness`.
public struct RandomnessGenerator: RandomNumberGenerator {
    private let source: any Randomness

    public init(source: any Randomness) { self.source = source }

    public mutating func next() -> UInt64 { source.next() }
}

/// The operating system's cryptographic generator.
public struct SystemRandomness: Randomness {
    public init() {}

    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): repeatable, for tests and simulations, never for secrets.
public final class SeededRandomness: Randomness {
    private let state: NIOLockedValueBox<UInt64>

    public init(seed: UInt64) { self.state = NIOLockedValueBox(seed) }

    public func next() -> UInt64 {
        state.withLockedValue { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}

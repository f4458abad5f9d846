import Synchronization

/// A JSON text that is answered again and again, with what it was packed to.
public final class KeptText: Sendable {
    public let bytes: [UInt8]
    private let packed = Mutex<[UInt8]?>(nil)

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter pack: called for the first one who asks, and for who asks meanwhile; nil when it can't.
    public func packed(by pack: ([UInt8]) -> [UInt8]?) -> [UInt8]? {
        if let packed = packed.withLock({ $0 }) { return packed }
        // Who packs takes room for the worst case, which is not to be kept.
        let made = pack(bytes).map { text in
            [UInt8](unsafeUninitializedCapacity: text.count) { $1 = $0.initialize(from: text).index }
        }
        packed.withLock { $0 = made }
        return made
    }
}

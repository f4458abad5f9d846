import Synchronization

/// Something that is written again and again, and is hardly ever another.
public protocol Keepable: JSONEncodable, Equatable, Sendable {
    associatedtype ID: Hashable & Sendable
    var id: ID { get }
    /// Texts that are the same to Swift may be written in different ways, so they are compared byte by byte.
    var texts: [String] { get }
}

/// What was written last of many things, each up to the moment when it is another.
///
/// Nobody has to tell it of changes: what is kept is given only for a value that is the same in every part.
public final class KeptJSON<Value: Keepable>: Sendable {
    private let kept: Mutex<RecentlyUsed<Value.ID, EncodedOnce<Value>>>

    /// - Parameter maximumWeight: in bytes, about.
    public init(maximumWeight: Int) { kept = Mutex(RecentlyUsed(maximumWeight: maximumWeight)) }

    /// Of what is kept, about.
    public var weight_bytes: Int { kept.withLock { $0.weight } }

    public func encoded(_ values: [Value]) -> [EncodedOnce<Value>] {
        kept.withLock { kept in
            values.map { value in
                if let same = kept.value(for: value.id), Self.isSame(same.value, value) {
                    // In builds for tests each is compared.
                    assert(same.jsonBytes == value.jsonBytes, "what is kept of \(value.id) is not what it is")
                    return same
                }
                let made = EncodedOnce(value)
                kept.keep(made, for: value.id, weighing: made.jsonBytes.count + 512)
                return made
            }
        }
    }

    private static func isSame(_ one: Value, _ other: Value) -> Bool {
        one == other && one.texts.elementsEqual(other.texts) { $0.utf8.elementsEqual($1.utf8) }
    }
}

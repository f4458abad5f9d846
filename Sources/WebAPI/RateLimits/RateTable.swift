import Glibc

/// The state of all limits, in a block of memory whose size never changes: whoever floods the server with addresses only
/// overwrites what is owed least.
///
/// Each entry is the generic cell rate algorithm's one number, the theoretical arrival time (ITU-T I.371, annex A): the moment
/// at which nothing is owed any more. An entry belongs to one of a few places that its key's hash names; when these are taken,
/// the one that is nearest to owing nothing gives way.
struct RateTable: ~Copyable {
    private struct Entry {
        var key: UInt64
        var arrival_us: Int64
    }

    /// Places for a key; they share a cache line pair.
    private static let ways = 8

    private let entries: UnsafeMutablePointer<Entry>
    private let setMask: UInt64

    /// - Parameter sets: a power of two. Each takes 128 bytes, of which the system gives those that are touched.
    init(sets: Int = 16_384) {
        precondition(sets > 0 && sets & (sets - 1) == 0)
        // Zeroed by the system page by page, so that an idle server does not pay for the whole of it.
        guard let block = calloc(sets * Self.ways, MemoryLayout<Entry>.stride) else {
            fatalError("no memory for the rate limits")
        }
        entries = block.bindMemory(to: Entry.self, capacity: sets * Self.ways)
        setMask = UInt64(sets - 1)
    }

    deinit { free(entries) }

    /// The moment at which `key` owes nothing any more; the past when it owes nothing.
    func arrival_us(of key: UInt64) -> Int64 {
        let set = set(of: key)
        for place in set..<set + Self.ways where entries[place].key == key { return entries[place].arrival_us }
        return 0
    }

    func setArrival(_ arrival_us: Int64, of key: UInt64) {
        let set = set(of: key)
        var victim = set
        for place in set..<set + Self.ways {
            if entries[place].key == key {
                victim = place
                break
            }
            if entries[place].arrival_us < entries[victim].arrival_us { victim = place }
        }
        entries[victim] = Entry(key: key, arrival_us: arrival_us)
    }

    /// The hash is seeded per process, so nobody can aim at a set.
    private func set(of key: UInt64) -> Int { Int(key >> 32 & setMask) * Self.ways }
}

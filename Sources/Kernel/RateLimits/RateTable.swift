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

    /// What of an entry the other nodes were not told of.
    private struct Untold {
        /// What was let through since they were told last, as the time in which it flows back.
        var cost_us: Int64
        /// Whether it stands in line to be told.
        var isWaiting: Bool
    }

    enum Reach {
        case thisNode
        /// Entries can be told to other nodes, and heard from them. Takes as much memory again.
        case allNodes
    }

    /// Places for a key; they share a cache line pair.
    private static let ways = 8
    /// What is owed matters to other nodes from this part of all that may be owed on: of sixteen nodes that keep less
    /// to themselves, no limit comes near. So an address that asks for a page or two is no word on the bus, and a flood
    /// of them is none either.
    private static let noticeablePart: Int64 = 16
    /// So many may stand in line; what finds no place in it tries again with its next request.
    private static let maximumWaiting = 4096

    private let entries: UnsafeMutablePointer<Entry>
    private let setMask: UInt64
    /// Nil where there is one node alone.
    private let untold: UnsafeMutablePointer<Untold>?
    /// The keys of those that are to be told, in the order in which they came to matter.
    private var waiting: [UInt64] = []

    /// - Parameter sets: a power of two. Each takes 128 bytes, of which the system gives those that are touched.
    init(_ reach: Reach = .thisNode, sets: Int = 16_384) {
        precondition(sets > 0 && sets & (sets - 1) == 0)
        entries = Self.zeroed(sets * Self.ways, Entry.self)
        setMask = UInt64(sets - 1)
        untold = reach == .allNodes ? Self.zeroed(sets * Self.ways, Untold.self) : nil
    }

    deinit {
        free(entries)
        free(untold)
    }

    /// Zeroed by the system page by page, so that an idle server does not pay for the whole of it.
    private static func zeroed<Element>(_ count: Int, _ type: Element.Type) -> UnsafeMutablePointer<Element> {
        guard let block = calloc(count, MemoryLayout<Element>.stride) else {
            fatalError("no memory for the rate limits")
        }
        return block.bindMemory(to: type, capacity: count)
    }

    /// The moment at which `key` owes nothing any more; the past when it owes nothing.
    func arrival_us(of key: UInt64) -> Int64 { place(of: key).map { entries[$0].arrival_us } ?? 0 }

    mutating func setArrival(_ arrival_us: Int64, of key: UInt64) { _ = put(arrival_us, of: key) }

    private func place(of key: UInt64) -> Int? {
        let set = set(of: key)
        for place in set..<set + Self.ways where entries[place].key == key { return place }
        return nil
    }

    private mutating func put(_ arrival_us: Int64, of key: UInt64) -> Int {
        let set = set(of: key)
        var victim = set
        for place in set..<set + Self.ways {
            if entries[place].key == key {
                entries[place].arrival_us = arrival_us
                return place
            }
            if entries[place].arrival_us < entries[victim].arrival_us { victim = place }
        }
        entries[victim] = Entry(key: key, arrival_us: arrival_us)
        untold?[victim] = Untold(cost_us: 0, isWaiting: false)
        return victim
    }

    /// The hash is keyed with a secret, so nobody can aim at a set.
    private func set(of key: UInt64) -> Int { Int(key >> 32 & setMask) * Self.ways }

    // MARK: Other nodes

    /// Counts something that was let through, to be told to the other nodes if it matters to them.
    /// - Parameters:
    ///   - cost_us: the time in which it flows back.
    ///   - span_us: all that may be owed.
    mutating func grant(
        _ cost_us: Int64, of key: UInt64, owingUntil arrival_us: Int64, of span_us: Int64, at now_us: Int64
    ) {
        let place = put(arrival_us, of: key)
        guard let untold else { return }
        let owed_us = arrival_us - now_us
        // What has flowed back need not be told.
        untold[place].cost_us = max(0, min(untold[place].cost_us, owed_us - cost_us)) + cost_us
        if owed_us >= span_us / Self.noticeablePart { wait(place) }
    }

    private mutating func wait(_ place: Int) {
        guard let untold, waiting.count < Self.maximumWaiting, !untold[place].isWaiting else { return }
        untold[place].isWaiting = true
        waiting.append(entries[place].key)
    }

    /// What the other nodes are to be told next.
    mutating func takeUntold(limit: Int, at now_us: Int64) -> [RateGrant] {
        guard let untold, !waiting.isEmpty else { return [] }
        let keys = waiting.prefix(limit)
        waiting.removeFirst(keys.count)
        return keys.compactMap { key in
            // Something that owes more may have taken its place.
            guard let place = place(of: key) else { return nil }
            let cost_us = min(untold[place].cost_us, entries[place].arrival_us - now_us)
            untold[place] = Untold(cost_us: 0, isWaiting: false)
            return cost_us > 0 ? RateGrant(key: key, cost_us: cost_us) : nil
        }
    }

    /// Another node has let something through.
    mutating func add(_ grant: RateGrant, at now_us: Int64) {
        let latest_us = now_us + RateGrant.maximumCost_us
        let owed_us = min(max(arrival_us(of: grant.key), now_us), latest_us) - now_us
        let place = put(min(now_us + owed_us + grant.cost_us, latest_us), of: grant.key)
        // What matters to another node matters to all who have added to it.
        if let untold, untold[place].cost_us > 0 { wait(place) }
    }
}

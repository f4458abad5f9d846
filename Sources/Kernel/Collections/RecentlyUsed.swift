/// What was used last, up to a weight in all.
///
/// It is kept in two generations: when the newer one is full, the older one goes with everything that was not used meanwhile. So a use
/// costs the same however much there is, and who asks for much only once pushes out nothing that others go on asking for.
public struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let value: Value
        let weight: Int
    }

    private let generationWeight: Int
    private var newer: [Key: Entry] = [:]
    private var older: [Key: Entry] = [:]
    private var newerWeight = 0
    private var olderWeight = 0

    /// - Parameter maximumWeight: of both generations together.
    public init(maximumWeight: Int) { generationWeight = maximumWeight / 2 }

    public var count: Int { newer.count + older.keys.count { newer[$0] == nil } }

    /// Of all that is kept, or a little more: what is used again may stand in both generations.
    public var weight: Int { newerWeight + olderWeight }

    public mutating func value(for key: Key) -> Value? {
        if let entry = newer[key] { return entry.value }
        guard let entry = older[key] else { return nil }
        keep(entry, for: key)
        return entry.value
    }

    /// - Parameter weight: what is heavier than half of the whole is not kept.
    public mutating func keep(_ value: Value, for key: Key, weighing weight: Int) {
        older[key] = nil
        guard weight <= generationWeight else {
            if let entry = newer.removeValue(forKey: key) { newerWeight -= entry.weight }
            return
        }
        keep(Entry(value: value, weight: weight), for: key)
    }

    private mutating func keep(_ entry: Entry, for key: Key) {
        if newerWeight + entry.weight > generationWeight {
            (older, newer) = (newer, [:])
            (olderWeight, newerWeight) = (newerWeight, 0)
        }
        newerWeight += entry.weight - (newer.updateValue(entry, forKey: key)?.weight ?? 0)
    }
}

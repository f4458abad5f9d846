import Kernel

@testable import Aviary

/// What is broken on purpose.
enum LeaseSabotage: CaseIterable, Sendable {
    /// A lease runs by the clock of whoever takes it.
    case ownClock
    /// Nobody doubts that the number is still theirs.
    case noDoubt
    /// It is looked only before something is written.
    case noSecondLook
    /// Who has lost the number goes on above what they have made themselves.
    case noFloor
}

/// Nodes that lease their numbers from one database, with clocks that are wrong, and that sleep at any moment. The ids are made by the
/// program's own generator, by a number that its own rule says is good.
struct LeaseWorld {
    private static let nodeCount = 3
    private static let steps = 120
    private static let begin = ContinuousClock.now
    private static let birth = Timestamp(seconds: 1_800_000_000)
    private static let duration = WorkerLease.duration

    /// A row of `workers`.
    private struct Lease {
        let holder: Int
        var expiresAt: Duration
    }

    /// A renewal on its way.
    private enum Asking {
        case nothing
        case asked(at: Duration)
        case answered(at: Duration, number: Int, isMine: Bool)
    }

    private struct Writing {
        let claim: HeldNumber.Claim?
        var id: Int64?
        /// Whether the number was somebody else's when the id was made.
        var isStray = false
    }

    /// What was written with a number, and by whom the newest.
    private struct Rows {
        var holder: Int
        var newest: Int64 = 0
        /// Of those who had the number before.
        var newestOfOthers: Int64 = 0
    }

    private struct Node {
        let holder: Int
        let clock: ManualClock
        let skew: Duration
        var held: HeldNumber
        let ids: Snowflakes
        var asking = Asking.nothing
        var writing: Writing?
    }

    private var chance: Chance
    private let sabotage: LeaseSabotage?
    /// The database's, which is right.
    private var now = Duration.zero
    private var leases: [Int: Lease] = [:]
    /// Who was given a number last.
    private var owners: [Int: Int] = [:]
    private var nodes: [Node] = []
    private var holderCount = 0
    private var rows: [Int: Rows] = [:]
    private var newest: Int64 = 0

    /// - Throws: `Breach`.
    static func play(_ seed: UInt64, _ sabotage: LeaseSabotage? = nil) throws {
        var world = LeaseWorld(seed, sabotage)
        for _ in 0..<steps { try world.step() }
    }

    private init(_ seed: UInt64, _ sabotage: LeaseSabotage?) {
        chance = Chance(seed: seed)
        self.sabotage = sabotage
        for _ in 0..<Self.nodeCount { nodes.append(newcomer()) }
    }

    /// A clock that is not the database's by more than a minute, either way.
    private mutating func newcomer() -> Node {
        let skew = Duration.seconds(chance.below(141) - 70)
        let clock = ManualClock(Self.birth + now + skew)
        holderCount += 1
        let number = takeFree(holderCount, skew) ?? 0
        return Node(
            holder: holderCount, clock: clock, skew: skew,
            held: HeldNumber(number: number, renewedAt: Self.begin + now),
            ids: Snowflakes(clock: clock, worker: number, after: newest))
    }

    private mutating func takeFree(_ holder: Int, _ skew: Duration) -> Int? {
        let clock = sabotage == .ownClock ? now + skew : now
        let taken = Set(leases.filter { $0.value.expiresAt > clock }.keys)
        guard let number = HeldNumber.free(among: taken) else { return nil }
        leases[number] = Lease(holder: holder, expiresAt: clock + Self.duration)
        owners[number] = holder
        return number
    }

    private mutating func step() throws {
        // Mostly it goes on at once, at times after as long as a machine sleeps.
        pass(.milliseconds(chance.happens(15) ? chance.below(40_000) : chance.below(300)))
        let node = chance.below(nodes.count)
        switch chance.below(100) {
        case 0..<35: renew(node)
        case 35..<95: try write(node)
        case 95..<97: nodes[node] = newcomer()
        default:
            let number = nodes[node].held.number
            if leases[number]?.holder == nodes[node].holder { leases[number] = nil }
            nodes[node] = newcomer()
        }
    }

    private mutating func pass(_ time: Duration) {
        now += time
        for node in nodes { node.clock.advance(by: time) }
    }

    private var moment: ContinuousClock.Instant { Self.begin + now }

    // MARK: Renewals

    /// The next moment of a renewal: it is asked for, the database answers, the answer arrives.
    private mutating func renew(_ node: Int) {
        switch nodes[node].asking {
        case .nothing: nodes[node].asking = .asked(at: now)
        case .asked(let begun):
            let (number, holder, skew) = (nodes[node].held.number, nodes[node].holder, nodes[node].skew)
            let clock = sabotage == .ownClock ? now + skew : now
            if leases[number]?.holder == holder {
                leases[number]?.expiresAt = clock + Self.duration
                nodes[node].asking = .answered(at: begun, number: number, isMine: true)
            } else if let new = takeFree(holder, skew) {
                nodes[node].asking = .answered(at: begun, number: new, isMine: false)
            }
        case .answered(let begun, let number, let isMine):
            nodes[node].asking = .nothing
            if isMine {
                nodes[node].held.renewed(at: Self.begin + begun)
            } else {
                nodes[node].ids.change(worker: number, after: sabotage == .noFloor ? 0 : newest)
                nodes[node].held.replaced(by: number, at: Self.begin + begun)
            }
        }
    }

    // MARK: Writers

    /// The next moment of a transaction: it begins, makes an id, and is committed.
    private mutating func write(_ node: Int) throws {
        guard let writing = nodes[node].writing else {
            let claim = nodes[node].held.claim(at: moment)
            if claim != nil || sabotage == .noDoubt { nodes[node].writing = Writing(claim: claim) }
            return
        }
        guard let id = writing.id else {
            let id = nodes[node].ids.nextRaw()
            let isStray = owners[Self.number(of: id)] != nodes[node].holder
            nodes[node].writing = Writing(claim: writing.claim, id: id, isStray: isStray)
            return
        }
        nodes[node].writing = nil
        let isSure = sabotage == .noDoubt || sabotage == .noSecondLook
        guard isSure || nodes[node].held.claim(at: moment) == writing.claim else { return }
        guard !writing.isStray else { throw Breach("the id \(id) was made with another's number, and written") }
        try note(id, by: nodes[node].holder)
    }

    private static func number(of id: Int64) -> Int { Int(id >> 12 & 0x3FF) }

    /// What different nodes make with one number lies apart.
    private mutating func note(_ id: Int64, by holder: Int) throws {
        var known = rows[Self.number(of: id)] ?? Rows(holder: holder)
        if known.holder != holder {
            known.newestOfOthers = max(known.newestOfOthers, known.newest)
            (known.holder, known.newest) = (holder, 0)
        }
        guard id > known.newestOfOthers, id > known.newest else {
            throw Breach("the id \(id) can have been made before")
        }
        known.newest = id
        rows[Self.number(of: id)] = known
        newest = max(newest, id)
    }
}

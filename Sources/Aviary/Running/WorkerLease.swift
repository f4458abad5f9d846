import Chat
import Database
import Features
import Kernel
import NIOConcurrencyHelpers

/// A number for this process that no other process of the instance has, leased from the database and renewed while it runs.
///
/// It goes by the clock of the database's machine: a node whose own clock is wrong neither takes the number of another one nor
/// loses its own. A number that the operator has given is leased as well, so that nobody else takes it.
final class WorkerLease: Sendable {
    /// By the database's clock.
    static let duration = Duration.seconds(60)
    static let renewal = Duration.seconds(5)

    /// What a renewal has found out.
    struct Renewal: Sendable {
        let number: Int
        /// Somebody else has the old number: this one is new.
        let isNew: Bool
        /// How far this machine's clock is ahead of the database's.
        let skew: Duration
        /// Nodes that are there and keep files somewhere else.
        let nodesWithOtherStores: Int
        /// Those that keep them in the same place as this one, which is one of them.
        let nodesWithThisStore: Int
    }

    /// Another node has the number that the operator has given to this one.
    struct Taken: Error, CustomStringConvertible {
        let number: Int
        var description: String { "another node has the number \(number) (\(Setting.worker.key))" }
    }

    /// Who may have which number.
    private enum Choice {
        case any
        /// The one that the operator has given.
        case given
    }

    private let choice: Choice
    private let holder: String
    /// Names the place that this node keeps files in.
    private let store: String?
    private let state: NIOLockedValueBox<HeldNumber>

    private init(
        _ number: Int, _ choice: Choice, holder: String, store: String?, renewedAt: ContinuousClock.Instant
    ) {
        self.choice = choice
        self.holder = holder
        self.store = store
        state = NIOLockedValueBox(HeldNumber(number: number, renewedAt: renewedAt))
    }

    var number: Int { state.withLockedValue { $0.number } }

    /// Nil when somebody else may have the number.
    func claim(at now: ContinuousClock.Instant) -> HeldNumber.Claim? { state.withLockedValue { $0.claim(at: now) } }

    /// Takes the smallest free number.
    static func take(
        from database: any SQLDatabase, holder: String, store: String? = nil
    ) async throws -> WorkerLease {
        let begin = ContinuousClock.now
        let number = try await database.write { tx in try takeFree(holder, store, tx) }
        return WorkerLease(number, .any, holder: holder, store: store, renewedAt: begin)
    }

    /// The name of a node. No other one has it, and the node does not have it again after a restart.
    /// - Parameter folder: names the data folder, which one process has at a time.
    static func name(folder: String, _ randomness: any Randomness) -> String {
        "\(folder).\(String(randomness.next(), radix: 36))"
    }

    /// Whether the one process has ended because the other one has its data folder.
    private static func follows(_ holder: String, _ other: String) -> Bool {
        let folders = [holder, other].map { $0.split(separator: ".", omittingEmptySubsequences: false) }
        return folders.allSatisfy { $0.count == 2 } && folders[0][0] == folders[1][0]
    }

    /// Takes the number that the operator has given. Who is started again in the same data folder has it at once; where somebody
    /// else had it, their time is waited for, for a minute at most.
    /// - Parameter onWait: called when it is waited for.
    /// - Throws: `Taken` when somebody goes on having it.
    static func take(
        _ number: Int, from database: any SQLDatabase, holder: String, store: String? = nil,
        onWait: @Sendable () -> Void = {}
    ) async throws -> WorkerLease {
        var firstEnd: Timestamp?
        while true {
            let begin = ContinuousClock.now
            let end = try await database.write { tx in
                try takeGiven(number, holder, store, unlessOf: { !follows(holder, $0) }, tx)
            }
            guard let end else { return WorkerLease(number, .given, holder: holder, store: store, renewedAt: begin) }
            if let firstEnd, end > firstEnd { throw Taken(number: number) }
            if firstEnd == nil { onWait() }
            firstEnd = end
            try await Task.sleep(for: .seconds(1))
        }
    }

    private static func now(_ tx: Transaction) throws -> Timestamp {
        try tx.first("SELECT \(tx.dialect.now_ms)") { $0.timestamp(0) } ?? tx.now
    }

    /// Who holds a number at the moment.
    static func living(_ tx: Transaction) throws -> Set<String> {
        Set(try tx.all("SELECT holder FROM workers WHERE expires_at > $1", [try now(tx)]) { $0.text(0) })
    }

    /// The nodes that are there, in the order of their numbers.
    static func nodes(_ tx: Transaction) throws -> [Cluster.Node] {
        let now = try now(tx)
        return try tx.all(
            "SELECT number, expires_at, report FROM workers WHERE expires_at > $1 ORDER BY number", [now]
        ) { row in
            Cluster.Node(
                number: row.int(0), silence: duration - (row.timestamp(1) - now),
                report: row.textOrNil(2).flatMap(NodeReport.init))
        }
    }

    private static func takeFree(_ holder: String, _ store: String?, _ tx: Transaction) throws -> Int {
        let now = try now(tx)
        let taken = Set(try tx.all("SELECT number FROM workers WHERE expires_at > $1", [now]) { $0.int(0) })
        guard let free = HeldNumber.free(among: taken) else {
            throw DatabaseError.unavailable("all 1024 worker numbers are taken")
        }
        try insert(free, holder, store, until: now + duration, tx)
        return free
    }

    /// - Parameter isOther: whether the number may not be taken from a holder.
    /// - Returns: how long somebody else has the number; nil when it was taken.
    private static func takeGiven(
        _ number: Int, _ holder: String, _ store: String?, unlessOf isOther: (String) -> Bool, _ tx: Transaction
    ) throws -> Timestamp? {
        let now = try now(tx)
        let other = try tx.first(
            "SELECT holder, expires_at FROM workers WHERE number = $1 AND expires_at > $2", [number, now]
        ) { (holder: $0.text(0), end: $0.timestamp(1)) }
        if let other, isOther(other.holder) { return other.end }
        try insert(number, holder, store, until: now + duration, tx)
        return nil
    }

    private static func insert(
        _ number: Int, _ holder: String, _ store: String?, until end: Timestamp, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO workers (number, holder, expires_at, store) VALUES ($1, $2, $3, $4)
            ON CONFLICT (number) DO UPDATE
            SET holder = excluded.holder, expires_at = excluded.expires_at, store = excluded.store, report = NULL
            """,
            [number, holder, end, store])
    }

    /// A number again after one's own was lost.
    /// - Returns: nil when the one that has to be had is somebody else's.
    private func takeAgain(_ number: Int, _ tx: Transaction) throws -> Int? {
        switch choice {
        case .any: try Self.takeFree(holder, store, tx)
        // Whoever has it now is there, whatever the folder: a copy of a machine has the same one.
        case .given: try Self.takeGiven(number, holder, store, unlessOf: { _ in true }, tx) == nil ? number : nil
        }
    }

    /// - Parameters:
    ///   - clock: this machine's own.
    ///   - report: what the node says of itself.
    ///   - take: takes a number that is new, before anything is written under it.
    /// - Throws: `Taken`: from then on the number is in doubt, until it can be renewed.
    func renew(
        in database: any SQLDatabase, clock: any WallClock, reporting report: NodeReport? = nil,
        taking take: (Int) async throws -> Void = { _ in }
    ) async throws -> Renewal {
        let (number, begin, beganAt) = (number, ContinuousClock.now, clock.now())
        let (isMine, new, now, stores) = try await database.write { [self] tx in
            let now = try Self.now(tx)
            let isMine =
                try tx.count(
                    "UPDATE workers SET expires_at = $3, report = $4 WHERE number = $1 AND holder = $2 RETURNING number",
                    [number, holder, now + Self.duration, report.map { String(decoding: $0.jsonBytes, as: UTF8.self) }]
                ) == 1
            let new = try isMine ? number : takeAgain(number, tx)
            // Those of the version before name none that nodes have in common.
            let named = try tx.all(
                "SELECT holder, store, report FROM workers WHERE expires_at > $1 AND store IS NOT NULL", [now]
            ) { (holder: $0.text(0), store: FileStoreName($0.text(1), $0.textOrNil(2).flatMap(NodeReport.init))) }
            // What this one had before it was started again is no other node.
            let stores = named.filter { $0.holder != holder && !Self.follows(holder, $0.holder) }.map(\.store)
            return (isMine, new, now, stores)
        }
        guard let new else {
            state.withLockedValue { $0.lost(at: begin) }
            throw Taken(number: number)
        }
        // The database may have looked at its clock at any moment between, which is long when it was frozen or cut off.
        let half = (ContinuousClock.now - begin) / 2
        let ahead = beganAt + half - now
        let skew = ahead > .zero ? max(.zero, ahead - half) : min(.zero, ahead + half)
        if !isMine { try await take(new) }
        state.withLockedValue { isMine ? $0.renewed(at: begin) : $0.replaced(by: new, at: begin) }
        let own = store.map { FileStoreName($0, report) }
        return Renewal(
            number: new, isNew: !isMine, skew: skew,
            nodesWithOtherStores: own.map { own in stores.count { !$0.isSame(as: own) } } ?? 0,
            nodesWithThisStore: 1 + (own.map { own in stores.count { $0.isSame(as: own) } } ?? 0))
    }

    func giveBack(to database: any SQLDatabase) async throws {
        let number = number
        try await database.write { [holder] tx in
            try tx.execute("DELETE FROM workers WHERE number = $1 AND holder = $2", [number, holder])
        }
    }
}

/// Where a node keeps files.
private struct FileStoreName {
    private let place: String
    /// Of a folder that is said to be the same on all nodes. Those of the version before do not say it.
    private let folder: String?

    init(_ place: String, _ report: NodeReport?) {
        self.place = place
        folder = report?.folder
    }

    func isSame(as other: FileStoreName) -> Bool {
        guard place == other.place, let folder, let otherFolder = other.folder else { return place == other.place }
        return folder == otherFolder
    }
}

import Database
import Kernel
import NIOConcurrencyHelpers

/// A number for this process that no other process of the instance has, leased from the database and renewed while it runs.
///
/// It goes by the clock of the database's machine: a node whose own clock is wrong neither takes the number of another one nor
/// loses its own.
final class WorkerLease: Sendable {
    /// By the database's clock.
    static let duration = Duration.seconds(60)
    static let renewal = Duration.seconds(5)
    /// So long after the last renewal, by a clock that nobody sets, the number still counts as one's own.
    static let patience = Duration.seconds(45)

    /// What a renewal has found out.
    struct Renewal: Sendable {
        let number: Int
        /// Somebody else has the old number: this one is new.
        let isNew: Bool
        /// How far this machine's clock is ahead of the database's.
        let skew: Duration
        /// Nodes that are there and keep files somewhere else.
        let nodesWithOtherStores: Int
    }

    private struct State {
        var number: Int
        var renewedAt: ContinuousClock.Instant
    }

    private let holder: String
    /// Names the folder that this node keeps files in; nil where there is none that others can't see.
    private let store: String?
    private let state: NIOLockedValueBox<State>

    private init(_ number: Int, holder: String, store: String?, renewedAt: ContinuousClock.Instant) {
        self.holder = holder
        self.store = store
        state = NIOLockedValueBox(State(number: number, renewedAt: renewedAt))
    }

    var number: Int { state.withLockedValue { $0.number } }

    /// Whether nobody else can have the number.
    func isGood(at now: ContinuousClock.Instant) -> Bool {
        state.withLockedValue { now - $0.renewedAt < Self.patience }
    }

    /// Takes the smallest free number.
    static func take(
        from database: any SQLDatabase, holder: String, store: String? = nil
    ) async throws -> WorkerLease {
        let begin = ContinuousClock.now
        let number = try await database.write { tx in try takeFree(holder, store, tx) }
        return WorkerLease(number, holder: holder, store: store, renewedAt: begin)
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
        guard let free = (0..<1024).first(where: { !taken.contains($0) }) else {
            throw DatabaseError.unavailable("all 1024 worker numbers are taken")
        }
        try tx.execute(
            """
            INSERT INTO workers (number, holder, expires_at, store) VALUES ($1, $2, $3, $4)
            ON CONFLICT (number) DO UPDATE
            SET holder = excluded.holder, expires_at = excluded.expires_at, store = excluded.store
            """,
            [free, holder, now + duration, store])
        return free
    }

    /// - Parameters:
    ///   - clock: this machine's own.
    ///   - report: what the node says of itself.
    func renew(
        in database: any SQLDatabase, clock: any WallClock, reporting report: NodeReport? = nil
    ) async throws -> Renewal {
        let (number, begin, beganAt) = (number, ContinuousClock.now, clock.now())
        let (new, now, others) = try await database.write { [self] tx in
            let now = try Self.now(tx)
            let isMine =
                try tx.count(
                    "UPDATE workers SET expires_at = $3, report = $4 WHERE number = $1 AND holder = $2 RETURNING number",
                    [number, holder, now + Self.duration, report.map { String(decoding: $0.jsonBytes, as: UTF8.self) }]
                ) == 1
            let new = try isMine ? number : Self.takeFree(holder, store, tx)
            let others = try store.map { store in
                try tx.first("SELECT COUNT(*) FROM workers WHERE expires_at > $1 AND store <> $2", [now, store]) {
                    $0.int(0)
                }
            }
            return (new, now, (others ?? 0) ?? 0)
        }
        // The database may have looked at its clock at any moment between, which is long when it was frozen or cut off.
        let half = (ContinuousClock.now - begin) / 2
        let ahead = beganAt + half - now
        let skew = ahead > .zero ? max(.zero, ahead - half) : min(.zero, ahead + half)
        state.withLockedValue { $0 = State(number: new, renewedAt: begin) }
        return Renewal(number: new, isNew: new != number, skew: skew, nodesWithOtherStores: others)
    }

    func giveBack(to database: any SQLDatabase) async throws {
        let number = number
        try await database.write { [holder] tx in
            try tx.execute("DELETE FROM workers WHERE number = $1 AND holder = $2", [number, holder])
        }
    }
}

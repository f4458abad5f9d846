import Database
import Kernel
import Logging
import WebAPI

/// Work in the background. Jobs and what they make are in the database, so any node can do them, and a job that a crash
/// interrupts begins again.
struct Jobs: Sendable {
    /// A job that has not moved for so long was left by a process that is gone.
    private static let patience = Duration.seconds(120)
    /// How long results are kept.
    private static let lifetime = Duration.seconds(7 * 86_400)
    private static let maximumOpenPerUser = 3

    let parts: Parts
    let makers: [Job.Kind: any JobMaker]

    /// - Throws: `.invalidInput` when the caller has several waiting already.
    func begin(
        _ kind: Job.Kind, in channel: ChannelID? = nil, input: [String: JSON] = [:], by caller: Caller,
        _ tx: Transaction
    ) throws -> Job {
        let open = try JobStore.jobs(of: caller.user, kind, tx).count { $0.finishedAt == nil }
        guard open < Self.maximumOpenPerUser else {
            throw APIError.invalidInput("job", "you have \(open) of these waiting already")
        }
        let job = Job(
            id: parts.ids.next(), kind: kind, owner: caller.user, channel: channel, input: input, state: .pending,
            progress: 0, error: nil, size_bytes: 0, createdAt: tx.now, finishedAt: nil, expiresAt: nil)
        try JobStore.insert(job, tx)
        return job
    }

    /// - Throws: `.jobNotFound` also for somebody else's.
    static func owned(_ id: JobID, _ kind: Job.Kind, by caller: Caller, _ tx: Transaction) throws -> Job {
        guard let job = try JobStore.job(id, tx), job.owner == caller.user, job.kind == kind else {
            throw APIError.jobNotFound
        }
        return job
    }

    /// The pieces of a finished job's result.
    /// - Throws: `.jobNotFound` for one that is not done.
    func result(of id: JobID, _ kind: Job.Kind, for caller: Caller) async throws -> (job: Job, pieces: JobPieces) {
        let job = try await parts.database.read { tx in try Self.owned(id, kind, by: caller, tx) }
        guard job.state == .done else { throw APIError.jobNotFound }
        return (job, JobPieces(database: parts.database, job: id))
    }

    /// Does one job that waits.
    /// - Returns: whether there may be more.
    func runNext() async throws -> Bool {
        let job = try await parts.database.write { tx in try JobStore.take(abandonedBefore: tx.now - Self.patience, tx)
        }
        guard let job, let maker = makers[job.kind] else { return false }
        var failure: String?
        do {
            try await maker.make(job, into: JobOutput(database: parts.database, job: job.id))
        } catch let error as APIError {
            failure = error.message
        }
        let error = failure
        try await parts.database.write { tx in
            try JobStore.finish(job.id, error: error, expiresAt: tx.now + Self.lifetime, tx)
        }
        return true
    }

    func deleteExpired() async throws -> Bool {
        try await parts.database.write { tx in try JobStore.deleteExpired(limit: 20, tx) }
    }
}

/// Does the jobs of one kind.
protocol JobMaker: Sendable {
    /// - Throws: `APIError` for what ends the job; anything else is tried again later.
    func make(_ job: Job, into output: JobOutput) async throws
}

/// Where a job's result goes, piece by piece.
final class JobOutput {
    private let database: any Database
    private let job: JobID
    private var number = 0

    init(database: any Database, job: JobID) {
        self.database = database
        self.job = job
    }

    func write(_ bytes: [UInt8], progress: Int) async throws {
        let (job, number) = (job, number)
        try await database.write { tx in
            try JobStore.append(bytes, number: number, progress: progress, to: job, tx)
        }
        self.number += 1
    }
}

/// A result, read as it is sent.
struct JobPieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let database: any Database
    let job: JobID

    struct Iterator: AsyncIteratorProtocol {
        let database: any Database
        let job: JobID
        var number = 0

        mutating func next() async throws -> [UInt8]? {
            let (job, number) = (job, number)
            defer { self.number += 1 }
            return try await database.read { tx in try JobStore.piece(number, of: job, tx) }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(database: database, job: job) }
}

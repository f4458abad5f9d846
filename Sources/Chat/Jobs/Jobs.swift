import Database
import Features
import Files
import Kernel
import Logging
import Media
import NIOCore
import WebAPI

/// Work in the background. Jobs are in the database and what they make is in the store, so any node can do them, and a job that
/// a crash interrupts begins again.
struct Jobs: Sendable {
    /// A job that has not moved for so long was left by a process that is gone.
    private static let patience = Duration.seconds(120)
    /// How long results are kept.
    private static let lifetime = Duration.seconds(7 * 86_400)
    static let maximumOpenPerUser = 3
    /// A channel's transcripts, begun by one person: so many in a time.
    private static let maximumPerChannel = 5
    private static let channelPause = Duration.seconds(600)

    let parts: Parts
    let blobs: Blobs
    let makers: [Job.Kind: any JobMaker]

    /// - Throws: `.invalidInput` when the caller has several waiting already.
    func begin(
        _ kind: Job.Kind, in channel: ChannelID? = nil, input: [String: JSON] = [:], by caller: Caller,
        _ tx: Transaction
    ) throws -> Job {
        let open = try JobStore.jobs(of: caller.user, kind, tx).count { $0.finishedAt == nil }
        guard open < Self.maximumOpenPerUser else {
            throw APIError.invalidInput("job", "you have \(open) of these waiting already, which is the limit")
        }
        if let channel { try Self.requirePause(of: channel, kind, by: caller, tx) }
        let job = Job(
            id: parts.ids.next(), kind: kind, owner: caller.user, channel: channel, input: input, state: .pending,
            progress: 0, error: nil, result: nil, size_bytes: 0, createdAt: tx.now, finishedAt: nil, expiresAt: nil)
        try JobStore.insert(job, tx)
        return job
    }

    /// - Throws: `.rateLimited` when the caller has begun several for the channel only just now.
    private static func requirePause(
        of channel: ChannelID, _ kind: Job.Kind, by caller: Caller, _ tx: Transaction
    ) throws {
        let recent = try JobStore.jobs(of: caller.user, kind, tx).filter {
            $0.channel == channel && $0.createdAt + channelPause > tx.now
        }
        guard recent.count >= maximumPerChannel, let first = recent.dropFirst(maximumPerChannel - 1).first else {
            return
        }
        let rest = first.createdAt + channelPause - tx.now
        throw APIError.rateLimited(retryAfter_s: Double(rest.wholeMilliseconds) / 1000)
    }

    /// - Throws: `.jobNotFound` also for somebody else's.
    static func owned(_ id: JobID, _ kind: Job.Kind, by caller: Caller, _ tx: Transaction) throws -> Job {
        guard let job = try JobStore.job(id, tx), job.owner == caller.user, job.kind == kind else {
            throw APIError.jobNotFound
        }
        return job
    }

    /// A finished job's result, for its owner.
    /// - Throws: `.jobNotFound` for one that is not done.
    func result(
        of id: JobID, _ kind: Job.Kind, contentType: String, filename: String, for caller: Caller
    ) async throws -> FileAnswer {
        let blob = try await parts.database.read { tx in
            let job = try Self.owned(id, kind, by: caller, tx)
            return try job.result.flatMap { try BlobStore.blob($0, tx) }
        }
        guard let blob else { throw APIError.jobNotFound }
        return .file(
            ServedFile(
                contentType: contentType, size_bytes: blob.size_bytes, tag: blob.sha256, filename: filename,
                disposition: .attachment, caching: .nobody, content: { try await blobs.content(of: blob, $0) }))
    }

    /// Does one job that waits.
    /// - Returns: whether there may be more.
    func runNext() async throws -> Bool {
        let job = try await parts.database.write { tx in try JobStore.take(abandonedBefore: tx.now - Self.patience, tx)
        }
        guard let job, let maker = makers[job.kind] else { return false }
        try await SetAside(parts: parts).each(of: .job, [job], named: { $0.id.description }) { job in
            do {
                try await run(job, maker)
            } catch let error where !(error is CancellationError) {
                try await parts.database.write { tx in try JobStore.putBack(job.id, tx) }
                throw error
            }
        }
        return true
    }

    private func run(_ job: Job, _ maker: any JobMaker) async throws {
        let limits = job.kind.limits
        do {
            let staged = try await blobs.available().staging.file(limit_bytes: limits.one_bytes)
            try await maker.make(job, into: JobOutput(database: parts.database, job: job.id, file: staged))
            try await blobs.keep(try await staged.finish(), .unknown) { blob, tx in
                // Its owner, or the erasure of the account, may have taken it away meanwhile.
                guard try JobStore.finish(job.id, with: blob, expiresAt: tx.now + Self.lifetime, tx) else {
                    return try Blobs.release(blob.id, tx)
                }
                try JobStore.trim(job.kind, of: job.owner, to: limits.count, limits.all_bytes, tx)
            }
        } catch is FileLimitExceeded {
            try await fail(job, because: .fileTooLarge)
        } catch let error as APIError where error.kind != .serviceUnavailable {
            try await fail(job, because: error.kind)
        }
    }

    private func fail(_ job: Job, because error: ErrorKind) async throws {
        try await parts.database.write { tx in
            try JobStore.fail(job.id, because: error.message, expiresAt: tx.now + Self.lifetime, tx)
        }
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

/// Where a job's result goes.
struct JobOutput: Sendable {
    let database: any SQLDatabase
    let job: JobID
    let file: StagedFile

    func write(_ bytes: [UInt8]) async throws { try await file.write(ByteBuffer(bytes: bytes)) }

    /// Tells how far it is, which also says that somebody is at it.
    func report(_ progress: Int) async throws {
        try await database.write { tx in try JobStore.touch(job, progress: progress, tx) }
    }
}

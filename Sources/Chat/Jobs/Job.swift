import Kernel

/// Something that takes longer than a request, done in the background.
struct Job: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case transcript
        case dataExport = "data_export"
    }

    /// What is kept of one person's results; the oldest give way.
    struct Limits: Sendable {
        let count: Int
        let one_bytes: Int
        let all_bytes: Int
    }

    enum State: String, CaseIterable, Sendable {
        case pending
        case running
        case done
        case failed
    }

    let id: JobID
    let kind: Kind
    let owner: UserID
    let channel: ChannelID?
    let input: [String: JSON]
    let state: State
    /// How many things were handled so far.
    let progress: Int
    let error: String?
    /// What came of it.
    let result: BlobID?
    let size_bytes: Int
    let createdAt: Timestamp
    let finishedAt: Timestamp?
    /// When the result is removed.
    let expiresAt: Timestamp?
}

extension Job: JSONObjectEncodable {
    static let shape = JSONShape<Job>(
        "Job",
        .field("id", \.id),
        .field("type", \.kind.rawValue),
        .field("owner_id", \.owner),
        .field("channel_id", \.channel),
        .field("status", \.state.rawValue),
        .field("progress", \.progress),
        .field("error", \.error),
        .field("size", \.size_bytes),
        .field("created_at", \.createdAt),
        .field("finished_at", \.finishedAt),
        .field("expires_at", \.expiresAt))
}

extension Job.Kind {
    var limits: Job.Limits {
        switch self {
        case .transcript: Job.Limits(count: 10, one_bytes: 256 << 20, all_bytes: 512 << 20)
        // As much as somebody has uploaded, which has bounds of its own.
        case .dataExport: Job.Limits(count: 2, one_bytes: 64 << 30, all_bytes: 64 << 30)
        }
    }
}

import Database
import HTTPTypes
import Kernel
import WebAPI

/// A channel's messages as a file.
struct Transcripts: Sendable {
    let parts: Parts
    let jobs: Jobs

    struct Draft: Sendable {
        let format: TranscriptFormat
        let from: Timestamp?
        let to: Timestamp?
    }

    /// Begins to write the transcript of a channel that the caller can read.
    func begin(_ draft: Draft, of channel: ChannelID, by caller: Caller) async throws -> Job {
        try await parts.database.write { tx in
            _ = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            var input: [String: JSON] = ["format": .string(draft.format.rawValue)]
            if let from = draft.from { input["from"] = .integer(from.seconds) }
            if let to = draft.to { input["to"] = .integer(to.seconds) }
            return try jobs.begin(.transcript, in: channel, input: input, by: caller, tx)
        }
    }

    func read(_ id: JobID, of channel: ChannelID, for caller: Caller) async throws -> Job {
        try await parts.database.read { tx in
            let job = try Jobs.owned(id, .transcript, by: caller, tx)
            guard job.channel == channel else { throw APIError.jobNotFound }
            return job
        }
    }

    private func download(_ job: Job, for caller: Caller) async throws -> FileAnswer {
        // What has been closed since is not read any more, whenever it was written down.
        if let channel = job.channel {
            _ = try await parts.database.read { tx in
                try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            }
        }
        let format = job.input["format"]?.string.flatMap(TranscriptFormat.init) ?? .json
        return try await jobs.result(
            of: job.id, .transcript, contentType: format.contentType,
            filename: "transcript-\(job.id).\(format.rawValue)", for: caller)
    }

    private static let draftInput = JSONInput(
        "TranscriptDraft",
        .required("format", .oneOf(TranscriptFormat.self)),
        .optional("from_date", .timestamp), .optional("to_date", .timestamp),
        make: { (format, from, to) throws(APIError) in Draft(format: format, from: from, to: to) })

    private static let path = "/channels/{channel_id}/messages/export"
    private static let access = Channels.access + [.permissionDenied]

    var routes: [Route] {
        [
            .authenticated(
                .post, Self.path, "Begin to write a transcript", takes: .body(Self.draftInput), returns: Job.self,
                errors: Self.access + [.rateLimited]
            ) { caller, call in .ok(try await begin(call.body, of: try call.id("channel_id"), by: caller)) }
            .limited(by: .export),
            .authenticated(
                .get, "\(Self.path)/{job_id}", "How far a transcript is", takes: .nothing, returns: Job.self,
                errors: Self.access + [.jobNotFound, .invalidInput]
            ) { caller, call in
                .ok(try await read(try call.id("job_id"), of: try call.id("channel_id"), for: caller))
            },
            .download(
                "\(Self.path)/{job_id}/download", "Download a transcript", takes: .none,
                contentTypes: TranscriptFormat.allCases.map(\.contentType),
                errors: Self.access + [.jobNotFound, .invalidInput]
            ) { caller, call in
                let job = try await read(try call.id("job_id"), of: try call.id("channel_id"), for: caller)
                return try await download(job, for: caller)
            },
        ]
    }
}

/// Writes transcripts.
struct TranscriptMaker: JobMaker {
    private static let page = 200

    let database: any Database

    func make(_ job: Job, into output: JobOutput) async throws {
        guard let channel = job.channel, let format = job.input["format"]?.string.flatMap(TranscriptFormat.init) else {
            throw APIError.internalServerError
        }
        var after = MessageID(earliestAt: job.input["from"]?.integer.map(Timestamp.init(seconds:)) ?? .init(seconds: 0))
        let before = job.input["to"]?.integer.map { MessageID(earliestAt: Timestamp(seconds: $0 + 1)) }
        var written = 0
        while true {
            let (start, isFirst) = (after, written == 0)
            // Asked anew for each page: who loses sight of the channel gets no more of it.
            let (place, messages) = try await database.read { tx in
                let place = try Messages.place(channel, for: job.owner, requiring: .messagesRead, tx)
                let page = try MessageStore.messages(
                    in: place.channel, .after(start), limit: Self.page, for: nil, tx)
                return (place, Array(page.reversed()))
            }
            let wanted = messages.filter { message in before.map { message.id < $0 } ?? true }
            var text = isFirst ? format.beginning(of: place.channel) : ""
            for (index, message) in wanted.enumerated() {
                text += format.line(message, isFirst: isFirst && index == 0)
            }
            written += wanted.count
            let isLast = messages.count < Self.page || wanted.count < messages.count
            if isLast { text += format.end }
            try await output.write(Array(text.utf8))
            try await output.report(written)
            guard !isLast, let last = messages.last else { return }
            after = last.id
        }
    }
}

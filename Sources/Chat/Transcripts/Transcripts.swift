import Community
import Content
import Database
import Features
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

    func download(_ job: Job, for caller: Caller) async throws -> FileAnswer {
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
}

/// Writes transcripts.
struct TranscriptMaker: JobMaker {
    private static let page = 200

    let database: any SQLDatabase

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

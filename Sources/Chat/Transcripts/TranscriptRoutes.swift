import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension RateLimitBucket {
    /// Transcripts that are begun.
    package static let export = RateLimitBucket("export", Rate(5, per: .seconds(60)), Rate(20, per: .seconds(3600)))
}

extension Transcripts: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.export]

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
                errors: [.invalidChannelID, .jobNotFound, .invalidInput]
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

import Database
import Features
import Kernel
import People

extension Jobs: Feature {
    static let tables: [Table] = [
        Table(
            "jobs",
            [
                .id("id"), .text("kind"), .id("owner_id"), .id("channel_id"), .json("input"), .text("state"),
                .number("progress"), .text("error"), .number("size"), .time("created_at"), .time("touched_at"),
                .time("finished_at"), .time("expires_at"), .file("result_id", whenBlocked: .deleted),
            ], exports: [.rows("jobs.json", of: ["owner_id"])],
            erasure: [.byHand("with the exports and transcripts that came of them")],
            endings: [.kept(after: .channel, "they run out")])
    ]

    var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "jobs", deleteExpired)] }

    static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try JobStore.deleteAll(of: account, tx)
    }

    static var caps: [Cap] {
        [
            Cap("transcripts and exports in the making", per: .person, maximumOpenPerUser, .refused(field: "job")),
            kept(.transcript, "transcripts kept", bucket: .export),
            kept(.dataExport, "data exports kept", bucket: .accountChange),
        ]
    }

    private static func kept(_ kind: Job.Kind, _ things: String, bucket: RateLimitBucket) -> Cap {
        let limits = kind.limits
        return Cap(
            things, per: .person, limits.count, .oldestGoes, bucket: bucket,
            "of \(limits.one_bytes >> 20) MiB at most, \(limits.all_bytes >> 20) MiB together")
    }
}

import Database
import Kernel

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

    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws {
        try JobStore.deleteAll(of: account.id, tx)
    }
}

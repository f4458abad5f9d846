import Database
import Features
import Kernel

extension AdminLog: Feature {
    static let tables: [Table] = [
        Table(
            "admin_log",
            [
                .id("id"), .id("admin_id"), .text("action"), .text("target_id"), .json("changes"), .text("reason"),
                .time("created_at"),
            ], exports: [.rows("admin_log_by_me.json", of: ["admin_id"]), .file("admin_log_about_me.json")],
            erasure: [
                .byHand("entries about the person lose names and reasons"),
                .kept("what was done to the instance, by somebody who has no name any more"),
            ])
    ]

    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("admin_log_about_me.json", try AdminLogStore.written(about: user, tx))]
    }

    static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try AdminLogStore.makeAnonymous(about: account, try ReportStore.reports(on: account, tx), tx)
    }
}

import Database
import Features
import Kernel

extension Setting {
    package static let readReceiptMembers = Setting(
        "limits.read_receipt_members", .integer(2...1000), default: "100",
        "People who may read a channel for it to have read receipts.")
}

extension Receipts: Feature {
    package static let settings: [Setting] = [.readReceiptMembers]
    package static let module: Module? = .readReceipts
    package static let caps: [Cap] = [timeCap]
    package static let migrations: [Migration] = [receipts]

    package static let tables: [Table] = [
        Table(
            "acknowledgements", [.id("user_id"), .id("message_id")], key: ["user_id"],
            exports: [.rows("acknowledgements.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])],
            endings: [.kept(after: .message, "a mark among the numbers of all messages")]),
        Table(
            "receipt_times",
            [.id("channel_id"), .id("user_id"), .id("through_id"), .id("after_id"), .time("read_at")],
            key: ["channel_id", "user_id", "through_id"], exports: [.rows("receipt_times.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .channel, by: "channel_id")]),
        Table(
            "receipts", [.id("channel_id"), .id("user_id"), .id("read_id"), .id("fetched_id")],
            key: ["channel_id", "user_id"], exports: [.rows("receipts.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .channel, by: "channel_id")]),
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "times of reading", forgetTimes)] }
    package var nodeWork: [BackgroundStep] { [BackgroundStep("read receipts", flush)] }
}

import Database
import Features
import Kernel

extension Blocks: Feature {
    static let tables: [Table] = [
        Table(
            "blocks",
            [
                .text("kind"), .text("value"), .text("reason"), .id("created_by"), .time("created_at"),
                .time("expires_at"),
            ], key: ["kind", "value"], exports: [.rows("blocks_by_me.json", of: ["created_by"])],
            erasure: [.kept("what is kept out of the instance; who has decided it has no name any more")])
    ]

    var nodeWork: [BackgroundStep] { [BackgroundStep("blocked addresses") { try await self.refresh() }] }

    static var caps: [Cap] { [cap] }
}

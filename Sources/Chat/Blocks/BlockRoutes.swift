import Database
import Features
import Files
import HTTPTypes
import Kernel
import NIOConcurrencyHelpers
import WebAPI

extension Blocks {
    /// The value under either of its names.
    private static func named(_ value: String?, _ hash: String?) throws(APIError) -> String {
        guard let value = value ?? hash else { throw .invalidInput("value", "is required") }
        return value
    }

    private static let draftInput = JSONInput(
        "BlockDraft",
        .optional("value", .string(1...128)), .optional("hash_value", .string(1...128)),
        .optional("reason", NameRules.text(0...512)), .optional("expires_at", .timestamp),
        make: { (value, hash, reason, expiresAt) throws(APIError) in
            Block.Draft(value: try named(value, hash), reason: reason, expiresAt: expiresAt)
        })

    private static let valueInput = JSONInput(
        "BlockReference", .optional("value", .string(1...128)), .optional("hash_value", .string(1...128)),
        make: { (value, hash) throws(APIError) in try named(value, hash) })

    var routes: [Route] { BlockKind.allCases.flatMap(routes(of:)) }

    private func routes(of kind: BlockKind) -> [Route] {
        let path = "/admin/\(kind.rawValue)"
        return [
            .administrative(.get, path, "List what is kept out", takes: .nothing, returns: [Block].self) { _, _ in
                .ok(try await self.parts.database.read { tx in try BlockStore.blocks(kind, tx) })
            },
            .administrative(
                .post, path, "Keep something out", takes: .body(Self.draftInput), returns: Block.self
            ) { caller, call in .ok(try await self.add(kind, call.body, by: caller, from: call.client)) },
            // In the query: an address range has a slash.
            .administrative(
                .delete, path, "Let something in again", takes: .query(Self.valueInput), returns: Success.self,
                errors: [.resourceNotFound]
            ) { caller, call in
                try await self.remove(kind, call.query, by: caller)
                return .success
            },
        ]
    }
}

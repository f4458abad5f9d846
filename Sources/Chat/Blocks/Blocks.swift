import Community
import Database
import Features
import Files
import Kernel
import NIOConcurrencyHelpers

/// What administrators keep out of the instance: addresses, user names, files.
final class Blocks: Sendable {
    static let cap = Cap(
        "blocked addresses, names and files", per: .instance, 10_000, .refused(field: "value"), "of each kind")

    let parts: Parts
    private let log: AdminLog
    /// Asked for every request, so it is kept in memory. Nil: nothing is blocked.
    private let addresses = NIOLockedValueBox<AddressRanges?>(nil)

    init(parts: Parts, log: AdminLog) {
        self.parts = parts
        self.log = log
    }

    // MARK: Asking

    /// Whether requests from an address are refused.
    func isBlocked(address: String) -> Bool { addresses.withLockedValue { $0?.contains(address) ?? false } }

    /// Learns what another node, or the passing of time, may have changed.
    func refresh() async throws {
        let blocks = try await parts.database.read { tx in try BlockStore.blocks(.address, tx) }
        let list = blocks.map(\.value).joined(separator: ",")
        addresses.withLockedValue { $0 = list.isEmpty ? nil : AddressRanges(list) }
    }

    // MARK: Changing

    func add(_ kind: BlockKind, _ draft: Block.Draft, by caller: Caller, from client: ClientInformation) async throws
        -> Block
    {
        let value = try kind.normalised(draft.value)
        if kind == .address, AddressRanges(value)?.contains(client.address) == true {
            throw APIError.invalidInput("value", "contains your own address")
        }
        let block = try await parts.database.write { tx in
            let block = Block(
                value: value, reason: draft.reason, createdBy: caller.user, createdAt: tx.now,
                expiresAt: draft.expiresAt)
            if try !BlockStore.has(value, kind, tx) { try Self.cap.requireRoom(try BlockStore.count(kind, tx)) }
            try BlockStore.set(block, kind, tx)
            try self.log.record(
                "\(kind.rawValue).add", value, changes: AuditChanges.between(nil, block), by: caller, tx)
            return block
        }
        try await refresh()
        return block
    }

    func remove(_ kind: BlockKind, _ value: String, by caller: Caller) async throws {
        let value = try kind.normalised(value)
        try await parts.database.write { tx in
            guard try BlockStore.delete(value, kind, tx) else { throw APIError.resourceNotFound }
            try self.log.record("\(kind.rawValue).remove", value, by: caller, tx)
        }
        try await refresh()
    }
}

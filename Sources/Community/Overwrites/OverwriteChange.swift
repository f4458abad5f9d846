import Database
import Kernel

/// A change of what counts in the channels of a server, looked at as a whole before any of it is written.
package struct OverwriteChange {
    /// As many as there can be roles, and enough for a list of members.
    static let maximumPerChannel = 250
    /// All of them are in the READY of every member.
    static let maximumPerServer = 10_000

    /// The channels before it, also one that is about to be made, as it would be without overwrites.
    let before: ChannelTree
    let after: ChannelTree

    /// Nobody grants what they do not have: the caller holds every right that anybody gains by the change, they included, and
    /// whoever comes next and has no role yet.
    /// - Throws: `.permissionDenied` with a right that is not the caller's to give; `.invalidInput` for too many overwrites.
    func require(by standing: Standing, _ tx: Transaction) throws {
        try requireRoom()
        let changes = after.channels.compactMap {
            channel -> (before: [PermissionOverwrite], after: [PermissionOverwrite])? in
            guard let old = before.byID[channel.id] else { return nil }
            let (inForce, wanted) = (before.inForce(in: old), after.inForce(in: channel))
            return inForce == wanted ? nil : (inForce, wanted)
        }
        guard !changes.isEmpty, !standing.permissions.contains(.administrator) else { return }
        let roles = try RoleStore.roles(of: standing.server.id, tx)
        guard let table = Standings.RoleTable(roles) else { return }
        let sides = changes.flatMap { [$0.before, $0.after] }
        // Nobody gains what none of them names.
        let named = sides.joined().reduce(into: PermissionSet()) { $0.formUnion($1.allow.union($1.deny)) }
        let rules = sides.map { PlaceRules(in: standing.server, roles: roles, overwrites: $0, deciding: named) }
        let holders = try Standings(
            of: .all, in: standing.server, owners: [standing.server.owner], by: rules, tx
        ).kinds.map { $0.holder(in: standing.server, table) }
        var missing: PermissionSet = []
        for change in changes {
            let own = EffectivePermissions.inChannel(standing.holder, overwrites: change.before).granted
            for holder in holders {
                let gained = PermissionRules.gains(of: holder, from: change.before, to: change.after)
                missing.formUnion(gained.subtracting(own))
            }
        }
        if let first = missing.permissions.first { throw APIError.permissionDenied(first) }
    }

    /// What is beyond a limit already may stay and shrink.
    func requireRoom() throws(APIError) {
        for (channel, overwrites) in after.overwrites {
            guard overwrites.count <= max(Self.maximumPerChannel, before.overwrites[channel]?.count ?? 0) else {
                throw .invalidInput("overwrites", "a channel has at most \(Self.maximumPerChannel)")
            }
        }
        let count = { (tree: ChannelTree) in tree.overwrites.values.reduce(0) { $0 + $1.count } }
        guard count(after) <= max(Self.maximumPerServer, count(before)) else {
            throw .invalidInput("overwrites", "a server has at most \(Self.maximumPerServer) in all of its channels")
        }
    }
}

/// How a channel's overwrites and those of its category come together. A channel that has none of its own has its
/// category's; one that leaves its category, or gets a first one of its own, takes them along, so that nothing opens but by
/// a change of overwrites.
extension [PermissionOverwrite] {
    /// What counts in a channel that has these: they themselves, or where there are none those of its category.
    public func inForce(above category: [PermissionOverwrite]) -> [PermissionOverwrite] {
        isEmpty ? category : self
    }

    /// These with one laid over what is said of its subject already.
    public func covered(by overwrite: PermissionOverwrite) -> [PermissionOverwrite] {
        guard let old = first(where: { $0.subject == overwrite.subject }) else { return self + [overwrite] }
        return replaced(by: old.covered(by: overwrite))
    }

    /// These with one in place of what was said of its subject.
    public func replaced(by overwrite: PermissionOverwrite) -> [PermissionOverwrite] {
        guard let index = firstIndex(where: { $0.subject == overwrite.subject }) else { return self + [overwrite] }
        var result = self
        result[index] = overwrite
        return result
    }
}

extension PermissionOverwrite {
    /// Both at once: what the newer one names counts, what it does not name stays.
    public func covered(by newer: PermissionOverwrite) -> PermissionOverwrite {
        let named = newer.allow.union(newer.deny)
        return PermissionOverwrite(
            subject, allow: allow.subtracting(named).union(newer.allow), deny: deny.subtracting(named).union(newer.deny)
        )
    }
}

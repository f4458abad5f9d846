/// Whether a node keeps files where the others do. Who comes to others and keeps them elsewhere is of no use; those who were there
/// go on.
struct FilePlace {
    private var wasHereFirst = false
    private var hasStrangers = false

    /// - Returns: whether no traffic should be led to this node, and whether the operator has to be told.
    mutating func judge(_ renewal: WorkerLease.Renewal) -> (isStranger: Bool, isNews: Bool) {
        defer { hasStrangers = renewal.nodesWithOtherStores > 0 }
        if renewal.nodesWithOtherStores == 0 || renewal.nodesWithThisStore > 1 { wasHereFirst = true }
        return (
            isStranger: renewal.nodesWithOtherStores > 0 && !wasHereFirst,
            isNews: renewal.nodesWithOtherStores > 0 && !hasStrangers
        )
    }
}

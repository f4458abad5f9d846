extension DatabaseError: CustomStringConvertible {
    /// For the log, and for whoever starts the program.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the database is not available: \(reason)"
        case .commitUncertain(let reason): "it is not known whether the commit happened: \(reason)"
        case .overloaded: "too much waits for the database"
        case .closed: "the database is closed"
        case .uniqueViolation(let reason): "a unique key is taken: \(reason)"
        case .serializationFailure(let reason): "transactions stood in each other's way: \(reason)"
        case .statement(let sql, let message): "\(message), in: \(sql)"
        case .newerSchema(let found, let known):
            """
            the database was last used by a newer version (its schema is \(found), this program knows \(known)): start that \
            version, or restore a backup that was made before it
            """
        }
    }
}

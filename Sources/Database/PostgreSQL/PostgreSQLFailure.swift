/// What a failure means for the transaction that it happened in.
enum PostgreSQLFailure: Error {
    /// Others were in the way: the same again may go through.
    case conflict(String)
    /// Nothing of the transaction stays: the same again, on a new connection.
    case connectionLost(String)
    /// The connection went while the commit was under way.
    case commitUncertain(String)
    /// The server's last word.
    case refused(DatabaseError)

    var databaseError: DatabaseError {
        switch self {
        case .conflict(let message): .serializationFailure(message)
        case .connectionLost(let message): .unavailable(message)
        case .commitUncertain(let message): .commitUncertain(message)
        case .refused(let error): error
        }
    }

    var isRefusal: Bool {
        if case .refused = self { return true }
        return false
    }

    var isUncertain: Bool {
        if case .commitUncertain = self { return true }
        return false
    }

    var reason: String {
        switch self {
        case .conflict(let message), .connectionLost(let message), .commitUncertain(let message): message
        case .refused(let error): "\(error)"
        }
    }
}

/// An error as the server reported it.
struct PostgreSQLReport {
    /// The five characters that tell errors apart; nil when it was libpq itself that failed.
    let sqlState: String?
    let message: String
    let constraint: String?
    /// FATAL and PANIC: the server ends the connection.
    let endsConnection: Bool
    /// The place in the server's source, which names some errors better than their SQLSTATE does.
    let serverFunction: String?

    init(
        sqlState: String?, message: String = "", constraint: String? = nil, endsConnection: Bool = false,
        serverFunction: String? = nil
    ) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.endsConnection = endsConnection
        self.serverFunction = serverFunction
    }

    init(_ result: PostgreSQLResult) {
        let severity = result.errorField(.severity)
        self.init(
            sqlState: result.errorField(.sqlState),
            message: result.errorField(.message) ?? result.errorMessage,
            constraint: result.errorField(.constraint),
            endsConnection: severity == "FATAL" || severity == "PANIC",
            serverFunction: result.errorField(.serverFunction))
    }

    /// https://www.postgresql.org/docs/current/errcodes-appendix.html
    /// - Parameter isStandby: whether the server is a copy that takes no writes, as a former primary may be.
    func failure(of sql: String, isStandby: Bool = false) -> PostgreSQLFailure {
        guard let sqlState, !endsConnection else { return .connectionLost(message) }
        switch sqlState {
        case "40001", "40P01", "55P03": return .conflict(message)
        case "23505": return .refused(.uniqueViolation(constraint ?? message))
        case "25006" where isStandby: return .connectionLost(message)
        // A prepared statement is gone, or its tables have changed: a new connection has none.
        case "26000": return .connectionLost(message)
        case "0A000" where serverFunction == "RevalidateCachedQuery": return .connectionLost(message)
        case "57014": return .refused(.unavailable(message))
        default: break
        }
        switch sqlState.prefix(2) {
        case "08", "57": return .connectionLost(message)
        // Out of disk, memory or connections; an input/output error.
        case "53", "58": return .refused(.unavailable(message))
        default: return .refused(.statement(sql: sql, message: message))
        }
    }
}

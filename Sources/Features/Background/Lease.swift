import Database
import Kernel

/// How rows are worked on by one node at a time: whoever takes a row has it until the moment in its column `taken_until`, and
/// then another one may take it, because the first one must have ended.
///
/// The moment is one of the database's clock, on which all nodes agree. It also tells whose a row is: what is taken later ends
/// later.
package struct Lease: Sendable {
    private let duration: Duration

    /// - Parameter duration: longer than anybody works on a row without renewing.
    package init(_ duration: Duration) { self.duration = duration }

    /// When a row that is taken now is anybody's again.
    package func end(_ dialect: SQLDialect) -> StaticSQL {
        "\(dialect.now_ms) + \(sql: "\(duration.wholeMilliseconds)")"
    }

    /// A condition: that nobody has the row. What ends later than it could is from before that clock was set back.
    package func isFree(_ dialect: SQLDialect) -> StaticSQL {
        "(taken_until IS NULL OR taken_until <= \(dialect.now_ms) OR taken_until > \(end(dialect)))"
    }

    /// A condition: that somebody has taken the row and has ended since.
    package func isAbandoned(_ dialect: SQLDialect) -> StaticSQL {
        "taken_until IS NOT NULL AND (taken_until <= \(dialect.now_ms) OR taken_until > \(end(dialect)))"
    }
}

import Database
import Kernel

/// What one table of the database has about people: what of it a person takes along, and what becomes of it when they go.
///
/// Every column of every table stands in a declaration (`PersonalData.tables`), and a test compares them with the schema, so that
/// nothing is stored that an export or an erasure could forget.
struct PersonalTable: Sendable {
    /// A column, and how its values are written in an export.
    struct Column: Sendable {
        enum Value: Sendable {
            case id
            case text
            case number
            /// Stored in milliseconds, written in Unix seconds.
            case time
            case flag
            case json
            /// Stands in no export by itself: a secret, somebody else's, a key of the store, or what follows from another column.
            case withheld
        }

        let name: String
        let value: Value

        static func id(_ name: String) -> Self { Self(name: name, value: .id) }
        static func text(_ name: String) -> Self { Self(name: name, value: .text) }
        static func number(_ name: String) -> Self { Self(name: name, value: .number) }
        static func time(_ name: String) -> Self { Self(name: name, value: .time) }
        static func flag(_ name: String) -> Self { Self(name: name, value: .flag) }
        static func json(_ name: String) -> Self { Self(name: name, value: .json) }
        static func withheld(_ name: String) -> Self { Self(name: name, value: .withheld) }
    }

    enum Export: Sendable {
        /// The rows in which one of the columns has the person's id, in a file of this name.
        case rows(String, of: [StaticSQL], without: Set<String> = [])
        /// The rows that belong to a row of the person's in another table, by an `IN (SELECT …)` with `$1` for the id.
        case rowsBelonging(String, to: StaticSQL)
        /// Stands in a file that is written by hand (`DataExportMaker`).
        case file(String)
        /// Is in no export, for a reason.
        case withheld(String)
    }

    enum Erasure: Sendable {
        /// The rows in which one of the columns has the person's id are deleted.
        case deleted(of: [StaticSQL])
        /// Done by `AccountDeletions`, because others are told or files go with it.
        case byHand(String)
        /// Stays, for a reason, with no more about the person than the id of an account that has no name.
        case kept(String)
    }

    let name: StaticSQL
    let columns: [Column]
    /// The columns that tell rows apart, for reading them in pages.
    let key: [String]
    /// Empty where nothing is about people.
    let exports: [Export]
    /// Empty where nothing is about people.
    let erasure: [Erasure]

    init(
        _ name: StaticSQL, _ columns: [Column], key: [String] = ["id"], exports: [Export], erasure: [Erasure]
    ) {
        self.name = name
        self.columns = columns
        self.key = key
        self.exports = exports
        self.erasure = erasure
    }

    /// A table that has nothing about people.
    static func impersonal(_ name: StaticSQL, _ columns: String) -> PersonalTable {
        PersonalTable(
            name, columns.split(separator: " ").map { .withheld(String($0)) }, key: [], exports: [], erasure: [])
    }

    var isImpersonal: Bool { exports.isEmpty && erasure.isEmpty }
}

import Database
import Kernel

/// A table of the database, as its feature declares it: what it has about people, what of it they take along, and with what its
/// rows go.
///
/// Every column of every table stands in a declaration (`Features.tables`), and tests compare them with the schema, so that
/// nothing is stored that an export, an erasure or an end could forget, and no file is swept away that a row still shows.
package struct Table: Sendable {
    /// A column, and how its values are written in an export.
    package struct Column: Sendable {
        package enum Value: Sendable, Equatable {
            case id
            case text
            case number
            /// Stored in milliseconds, written in Unix seconds.
            case time
            case flag
            case json
            /// The id of a blob, which stays as long as a row names it.
            case file(Blocked)
            /// Stands in no export by itself: a secret, somebody else's, a key of the store, or what follows from another column.
            case withheld

            var isInExports: Bool {
                switch self {
                case .file, .withheld: false
                case .id, .text, .number, .time, .flag, .json: true
                }
            }
        }

        package let name: String
        package let value: Value

        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }

        package static func id(_ name: String) -> Self { Self(name: name, value: .id) }
        package static func text(_ name: String) -> Self { Self(name: name, value: .text) }
        package static func number(_ name: String) -> Self { Self(name: name, value: .number) }
        package static func time(_ name: String) -> Self { Self(name: name, value: .time) }
        package static func flag(_ name: String) -> Self { Self(name: name, value: .flag) }
        package static func json(_ name: String) -> Self { Self(name: name, value: .json) }
        package static func file(_ name: String, whenBlocked blocked: Blocked = .emptied()) -> Self {
            Self(name: name, value: .file(blocked))
        }
        package static func withheld(_ name: String) -> Self { Self(name: name, value: .withheld) }
    }

    /// What becomes of a row whose file nobody may have any more.
    package enum Blocked: Sendable, Equatable {
        case deleted
        /// It stays, without the file and what other columns say of it.
        case emptied(also: [String] = [])
    }

    /// What rows can go with.
    package enum Thing: Sendable, CaseIterable {
        case message
        case channel
        case server
    }

    /// What becomes of rows when the thing ends that they name.
    package enum Ending: Sendable {
        /// Those in which the column has its id are deleted.
        case deleted(with: Thing, by: StaticSQL)
        /// The feature does it, because others are told or files go with it (`Feature.messagesEnd` and the like).
        case byHand(with: Thing)
        /// They stay, for a reason.
        case kept(after: Thing, String)

        var thing: Thing {
            switch self {
            case .deleted(let thing, _), .byHand(let thing), .kept(let thing, _): thing
            }
        }
    }

    package enum Export: Sendable {
        /// The rows in which one of the columns has the person's id, in a file of this name.
        case rows(String, of: [StaticSQL], without: Set<String> = [])
        /// The rows that belong to a row of the person's in another table, by an `IN (SELECT …)` with `$1` for the id.
        case rowsBelonging(String, to: StaticSQL)
        /// Stands in a file that the feature (`Feature.exports`) or the maker of exports writes.
        case file(String)
        /// Is in no export, for a reason.
        case withheld(String)
    }

    package enum Erasure: Sendable {
        /// The rows in which one of the columns has the person's id are deleted.
        case deleted(of: [StaticSQL])
        /// The feature does it, because others are told or files go with it (`Feature.accountEnds`).
        case byHand(String)
        /// Stays, for a reason, with no more about the person than the id of an account that has no name.
        case kept(String)
    }

    let name: StaticSQL
    let columns: [Column]
    /// The columns that tell rows apart, for reading them in pages.
    let key: [String]
    /// Empty where nothing is about people.
    package let exports: [Export]
    /// Empty where nothing is about people.
    let erasure: [Erasure]
    let endings: [Ending]

    package init(
        _ name: StaticSQL, _ columns: [Column], key: [String] = ["id"], exports: [Export], erasure: [Erasure],
        endings: [Ending] = []
    ) {
        self.name = name
        self.columns = columns
        self.key = key
        self.exports = exports
        self.erasure = erasure
        self.endings = endings
    }

    /// A table that has nothing about people.
    package static func impersonal(
        _ name: StaticSQL, _ columns: String, files: [Column] = [], endings: [Ending] = []
    ) -> Table {
        Table(
            name, columns.split(separator: " ").map { .withheld(String($0)) } + files, key: [], exports: [],
            erasure: [], endings: endings)
    }

    var isImpersonal: Bool { exports.isEmpty && erasure.isEmpty }
}

import Database
import Features
import Kernel

extension Search: Feature {
    package static let tables: [Table] = [
        Table(
            "message_search", [.withheld("message_id"), .withheld("tokens")], key: [],
            exports: [.withheld("follows from the texts of the messages")], erasure: [.kept("as long as the messages")],
            endings: [.byHand(with: .message)]),
        .impersonal(
            "search_queue", "message_id",
            endings: [.byHand(with: .message)]),
        .impersonal("search_state", "id version next_id"),
    ]

    package static let migrations = [
        Migration(64, "merges of the index of words") { dialect in
            switch dialect {
            case .sqlite: SearchStore.mergesAsked
            case .postgresql: []
            }
        }
    ]

    package static let module: Module? = .search
}

import Database
import Features
import Kernel

package enum ListingStore {
    private static let shape = RowShape<Listing> { row in
        let summary: String = row["summary", \.texts.summary]
        let tags: String = row["tags", { $0.texts.tags.joined(separator: " ") }]
        return Listing(
            server: row["server_id", \.server], isEnabled: row["is_enabled", \.isEnabled],
            texts: Listing.Texts(
                summary: summary, tags: split(tags), category: try row.knownWord("category", \.texts.category),
                language: row["language", \.texts.language]),
            status: try row.knownWord("status", \.status), reason: row["reason", \.reason],
            listedAt: row["listed_at", \.listedAt], bumpedAt: row["bumped_at", \.bumpedAt])
    }

    private static func split(_ tags: String) -> [String] { tags.split(separator: " ").map(String.init) }

    package static func listing(of server: ServerID, _ tx: Transaction) throws -> Listing? {
        try tx.first("SELECT \(shape.columns) FROM discovery WHERE server_id = $1", [server], as: shape)
    }

    static func listings(of servers: [ServerID], _ tx: Transaction) throws -> [ServerID: Listing] {
        let all = try tx.all(
            "SELECT \(shape.columns) FROM discovery WHERE server_id = ANY ($1)", [SQLList(servers)], as: shape)
        return Dictionary(uniqueKeysWithValues: all.map { ($0.server, $0) })
    }

    /// - Parameter name: the server's.
    package static func set(_ listing: Listing, named name: String, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO discovery (folded_name, folded_summary, folding, \(shape.stored))
            VALUES ($1, $2, $3, \(shape.placeholders(from: 4)))
            ON CONFLICT (server_id) DO UPDATE SET folded_name = excluded.folded_name,
                folded_summary = excluded.folded_summary, folding = excluded.folding, summary = excluded.summary,
                tags = excluded.tags, is_enabled = excluded.is_enabled, category = excluded.category,
                language = excluded.language, status = excluded.status, reason = excluded.reason,
                listed_at = excluded.listed_at, bumped_at = excluded.bumped_at
            """,
            [
                DirectoryQuery.folded(name), DirectoryQuery.folded(listing.texts.summary), SearchText.version,
            ] + shape.values(of: listing))
    }

    /// Some whose texts another version of the search has folded. Uses `discovery_by_folding`.
    static func stale(limit: Int, _ tx: Transaction) throws -> [ServerID] {
        try tx.all(
            "SELECT server_id FROM discovery WHERE folding < $1 LIMIT $2", [SearchText.version, limit]
        ) { $0.id(0) }
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM discovery WHERE server_id = $1", [server])
    }

    static func listedCount(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM discovery WHERE status = 'listed' AND is_enabled", []) { $0.int(0) } ?? 0
    }

    /// Everything in the directory of a category and a language, of which there is at most as much as may be listed. Uses
    /// `discovery_by_status`.
    static func candidates(
        _ category: Listing.Category?, _ language: String?, _ tx: Transaction
    ) throws -> [ListingSearch.Candidate] {
        try tx.all(
            """
            SELECT server_id, folded_name, folded_summary, tags, COALESCE(listed_at, 0), bumped_at FROM discovery
            WHERE status = 'listed' AND is_enabled AND (category = $1 OR $1 = '') AND (language = $2 OR $2 = '')
            """, [category?.rawValue ?? "", language ?? ""]
        ) {
            ListingSearch.Candidate(
                server: $0.id(0), name: $0.text(1), summary: $0.text(2), tags: split($0.text(3)),
                listedAt: $0.timestamp(4), bumpedAt: $0.timestampOrNil(5))
        }
    }

    /// Uses `discovery_by_status`.
    static func categories(_ tx: Transaction) throws -> [(name: String, serverCount: Int)] {
        try tx.all(
            """
            SELECT category, COUNT(*) FROM discovery WHERE status = 'listed' AND is_enabled
            GROUP BY category ORDER BY category
            """
        ) { ($0.text(0), $0.int(1)) }
    }

    /// For administrators, the ones with the smallest ids first. Uses the primary key.
    package static func listings(
        _ status: Listing.Status?, after: ServerID?, limit: Int, _ tx: Transaction
    ) throws -> [Listing] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM discovery WHERE server_id > $1 AND (status = $2 OR $2 = '')
            ORDER BY server_id LIMIT $3
            """, [after?.rawValue ?? 0, status?.rawValue ?? "", limit], as: shape)
    }
}

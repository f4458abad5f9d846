import Database
import Features
import Kernel
import People

/// Whom a part of a name means.
extension MemberStore {
    private typealias NameRow = (user: UserID, names: [String?])

    // MARK: In a server

    /// A page of members by user id.
    /// - Parameter query: what one of a member's names has to match.
    package static func members(
        of server: ServerID, after: UserID?, query: NameQuery?, limit: Int, _ tx: Transaction
    ) throws -> [Member] {
        guard let query else {
            return try members(try users(of: server, after: after, limit: limit, tx), of: server, tx)
        }
        guard !query.isEmpty else { return [] }
        let after = after ?? UserID(rawValue: 0)
        let found =
            if let candidates = try NameIndex.candidates(for: query, tx) {
                try names(of: candidates.filter { $0 > after }, in: server, tx).filter { query.matches($0.names) }
                    .map(\.user)
            } else {
                try users(of: server, after: after, matching: query, limit: limit, tx)
            }
        return try members(Array(found.prefix(limit)), of: server, tx)
    }

    /// Reads the names one after the other, until enough match.
    private static func users(
        of server: ServerID, after: UserID, matching query: NameQuery, limit: Int, _ tx: Transaction
    ) throws -> [UserID] {
        var found: [UserID] = []
        var after = after
        var examined = 0
        while found.count < limit, examined < maximumExamined {
            let page = try names(of: server, after: after, tx)
            found += page.filter { query.matches($0.names) }.map(\.user)
            guard let last = page.last, page.count == namesAtATime else { break }
            after = last.user
            examined += page.count
        }
        return found
    }

    /// The first members whom a text means, by user id; whose user name it is comes before all others.
    /// - Parameter text: empty for anybody.
    package static func members(
        of server: ServerID, called text: String, limit: Int, _ tx: Transaction
    ) throws -> [Member] {
        let query = text.isEmpty ? nil : NameQuery(text)
        let found = try members(of: server, after: nil, query: query, limit: limit, tx)
        guard let user = try UserStore.user(named: text, tx), let exact = try member(user.id, of: server, tx) else {
            return found
        }
        return Array(([exact] + found.filter { $0.user != user.id }).prefix(limit))
    }

    private static let namesAtATime = 1000
    /// Names are read until enough match, and no more than these: a search costs the same in the largest server.
    private static let maximumExamined = 100_000

    /// What some members are called, by user id. Uses the primary key.
    private static func names(
        of server: ServerID, after: UserID, _ tx: Transaction
    ) throws -> [NameRow] {
        try tx.all(
            """
            SELECT m.user_id, u.username, u.display_name, m.nickname FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.server_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3
            """, [server, after, namesAtATime]
        ) { ($0.id(0), [$0.text(1), $0.textOrNil(2), $0.textOrNil(3)]) }
    }

    /// What those of some are called who are members, by user id. Uses the primary key for each of them.
    private static func names(of users: [UserID], in server: ServerID, _ tx: Transaction) throws -> [NameRow] {
        try tx.all(
            """
            SELECT m.user_id, u.username, u.display_name, m.nickname FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.server_id = $1 AND m.user_id = ANY ($2) ORDER BY m.user_id
            """, [server, SQLList(users)]
        ) { ($0.id(0), [$0.text(1), $0.textOrNil(2), $0.textOrNil(3)]) }
    }

    /// All that some people are called, anywhere; nothing of whose account is gone.
    static func allNames(of users: [UserID], _ tx: Transaction) throws -> [UserID: [String]] {
        let list = SQLList(users)
        var rows = try tx.all(
            "SELECT id, username, display_name FROM users WHERE id = ANY ($1) AND deleted_at IS NULL", [list]
        ) {
            ($0.id(0, UserID.self), [$0.text(1), $0.textOrNil(2)].compactMap(\.self))
        }
        rows += try tx.all(
            "SELECT user_id, nickname FROM members WHERE user_id = ANY ($1) AND nickname IS NOT NULL", [list]
        ) { ($0.id(0), [$0.text(1)]) }
        return Dictionary(rows, uniquingKeysWith: +)
    }

    // MARK: Whom somebody knows

    /// Of the friends and members of shared servers, so many are looked at.
    private static let maximumRelated = 100_000

    /// Friends and members of shared servers one of whose names matches, nicknames included, by user name.
    package static func acquaintances(
        of user: UserID, matching query: NameQuery, after: UserID?, limit: Int, _ tx: Transaction
    ) throws -> [User] {
        guard !query.isEmpty else { return [] }
        let rows: [NameRow]
        let nicknames: [UserID: [String?]]
        if let candidates = try NameIndex.candidates(for: query, tx) {
            nicknames = try self.nicknames(of: candidates, knownTo: user, tx)
            rows = try nameRows(of: Array(nicknames.keys), besides: user, after: after, tx)
        } else {
            nicknames = try self.nicknames(aroundMember: user, tx)
            rows = try nameRows(around: user, after: after, tx)
        }
        let ids = rows.filter { query.matches($0.names + (nicknames[$0.user] ?? [])) }.map(\.user).prefix(limit)
        let users = try UserStore.users(ids, tx)
        return ids.compactMap { users[$0] }
    }

    /// What those are called in their servers who are in one with a user, up to `maximumExamined` names. Uses `members_by_user`.
    private static func nicknames(aroundMember user: UserID, _ tx: Transaction) throws -> [UserID: [String?]] {
        let rows = try tx.all(
            """
            SELECT b.user_id, b.nickname FROM members a JOIN members b ON b.server_id = a.server_id
            WHERE a.user_id = $1 AND b.nickname IS NOT NULL
            LIMIT $2
            """, [user, maximumExamined]
        ) { ($0.id(0, UserID.self), $0.textOrNil(1)) }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    /// Those of some whom a user knows, with what they are called in the servers that they share. Uses `members_by_user` by the users
    /// alone: to look in each server for each of them takes longer.
    private static func nicknames(
        of users: [UserID], knownTo user: UserID, _ tx: Transaction
    ) throws -> [UserID: [String?]] {
        let rows = try tx.all(
            """
            SELECT other_id, NULL FROM relationships WHERE user_id = $1 AND other_id = ANY ($2) AND status = 'friend'
            UNION ALL
            SELECT user_id, nickname FROM members
            WHERE user_id = ANY ($2) AND +server_id IN (SELECT server_id FROM members WHERE user_id = $1)
            """, [user, SQLList(users)]
        ) { ($0.id(0, UserID.self), $0.textOrNil(1)) }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    private static func nameRows(
        of users: [UserID], besides user: UserID, after: UserID?, _ tx: Transaction
    ) throws -> [NameRow] {
        try tx.all(
            """
            SELECT id, username, display_name FROM users
            WHERE id = ANY ($1) AND id <> $2
                AND username_key > COALESCE((SELECT username_key FROM users WHERE id = $3), '')
            ORDER BY username_key
            """, [SQLList(users), user, after?.rawValue ?? 0]
        ) { ($0.id(0), [$0.text(1), $0.textOrNil(2)]) }
    }

    private static func nameRows(around user: UserID, after: UserID?, _ tx: Transaction) throws -> [NameRow] {
        try tx.all(
            """
            SELECT id, username, display_name FROM users
            WHERE id <> $1 AND username_key > COALESCE((SELECT username_key FROM users WHERE id = $2), '')
                AND id IN (
                    SELECT other_id FROM relationships WHERE user_id = $1 AND status = 'friend'
                    UNION
                    SELECT b.user_id FROM members a JOIN members b ON b.server_id = a.server_id WHERE a.user_id = $1)
            ORDER BY username_key LIMIT $3
            """, [user, after?.rawValue ?? 0, maximumRelated]
        ) { ($0.id(0), [$0.text(1), $0.textOrNil(2)]) }
    }
}

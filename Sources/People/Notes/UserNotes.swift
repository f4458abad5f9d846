import Database
import Events
import Features
import Kernel

/// What a user writes down about others, for nobody else's eyes.
package struct UserNotes: Sendable {
    static let cap = Cap(
        "notes about others", per: .person, 1000, .refused(field: "note"), "of 2,000 characters each")

    let parts: Parts

    /// Empty when there is none.
    func read(about user: UserID, by caller: Caller) async throws -> UserNote {
        try await parts.database.read { tx in
            _ = try UserStore.required(user, tx)
            return UserNote(user: user, note: try UserNoteStore.note(about: user, by: caller.user, tx) ?? "")
        }
    }

    /// An empty note is none.
    func write(_ note: String, about user: UserID, by caller: Caller) async throws -> UserNote {
        try await parts.database.write { tx in
            _ = try UserStore.required(user, tx)
            if try !note.isEmpty && UserNoteStore.note(about: user, by: caller.user, tx) == nil {
                try Self.cap.requireRoom(try UserNoteStore.count(by: caller.user, tx))
            }
            try UserNoteStore.set(note, about: user, by: caller.user, tx)
            return UserNote(user: user, note: note)
        }
    }
}

struct UserNote: JSONObjectEncodable {
    let user: UserID
    let note: String

    static let shape = JSONShape<UserNote>("UserNote", .field("user_id", \.user), .field("note", \.note))
}

enum UserNoteStore {
    static func note(about other: UserID, by user: UserID, _ tx: Transaction) throws -> String? {
        try tx.first("SELECT note FROM user_notes WHERE user_id = $1 AND about_id = $2", [user, other]) { $0.text(0) }
    }

    static func count(by user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM user_notes WHERE user_id = $1", [user]) { $0.int(0) } ?? 0
    }

    static func set(_ note: String, about other: UserID, by user: UserID, _ tx: Transaction) throws {
        guard !note.isEmpty else {
            return try tx.execute("DELETE FROM user_notes WHERE user_id = $1 AND about_id = $2", [user, other])
        }
        try tx.execute(
            """
            INSERT INTO user_notes (user_id, about_id, note) VALUES ($1, $2, $3)
            ON CONFLICT (user_id, about_id) DO UPDATE SET note = excluded.note
            """, [user, other, note])
    }
}

import Database

extension Migration {
    /// Whom the sender of a message let it speak to, which its later texts keep to.
    static let allowedMentions = Migration(16, "allowed mentions") { _ in
        ["ALTER TABLE messages ADD COLUMN allowed_mentions TEXT"]
    }
}

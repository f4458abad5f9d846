import Database
import Files
import Kernel

enum SoundStore {
    private static let shape = RowShape<Sound> { row in
        Sound(
            id: row["id", \.id], server: row["server_id", \.server], name: row["name", \.name],
            volume: SoundVolume(thousandths: row["volume_thousandths", \.volume.thousandths]),
            emoji: row["emoji", \.emoji], blob: row["blob_id", \.blob], duration_ms: row["duration_ms", \.duration_ms],
            size_bytes: row["size_bytes", \.size_bytes], creator: row["creator_id", \.creator],
            createdAt: row["created_at", \.createdAt])
    }

    static func insert(_ sound: Sound, _ tx: Transaction) throws {
        try tx.execute("INSERT INTO sounds (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: sound))
    }

    /// The oldest first. Uses `sounds_by_server`.
    static func sounds(of server: ServerID, _ tx: Transaction) throws -> [Sound] {
        try tx.all("SELECT \(shape.columns) FROM sounds WHERE server_id = $1 ORDER BY id", [server], as: shape)
    }

    static func sound(_ id: SoundID, _ tx: Transaction) throws -> Sound? {
        try tx.first("SELECT \(shape.columns) FROM sounds WHERE id = $1", [id], as: shape)
    }

    static func update(_ sound: Sound, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE sounds SET name = $2, volume_thousandths = $3, emoji = $4 WHERE id = $1",
            [sound.id, sound.name, sound.volume.thousandths, sound.emoji])
    }

    static func delete(_ sound: Sound, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM sounds WHERE id = $1", [sound.id])
        try Blobs.release(sound.blob, tx)
    }

    static func delete(of server: ServerID, _ tx: Transaction) throws {
        for sound in try sounds(of: server, tx) { try delete(sound, tx) }
    }
}

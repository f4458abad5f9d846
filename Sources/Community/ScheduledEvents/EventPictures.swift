import Database
import Features
import Files
import Kernel
import Media

/// The broad pictures above events.
struct EventPictures: Sendable {
    static let maximum_bytes = 8 << 20
    private static let area = PictureArea(width: 1200, height: 400)

    let events: ScheduledEvents
    let blobs: Blobs
    let intake: Intake
    let thumbnails: Thumbnails

    /// Whoever may not set the picture of an event need not send one.
    /// - Throws: `.permissionDenied`, `.moduleNotAvailable`.
    func require(_ id: ScheduledEventID, in server: ServerID, by caller: Caller) async throws {
        try await events.parts.database.read { tx in
            _ = try ScheduledEvents.managed(id, in: server, by: caller, tx)
        }
        _ = try intake.tools()
    }

    /// - Throws: `.permissionDenied`, `.alreadyHandled`, `.invalidFileType`, `.fileTooLarge`, `.moduleNotAvailable`.
    func set(
        _ file: ReceivedFile, of id: ScheduledEventID, in server: ServerID, by caller: Caller
    ) async throws -> SetPicture {
        let (drawn, size) = try await intake.picture(file, filling: Self.area)
        return try await blobs.keep(drawn, .webp) { blob, tx in
            try set(blob.id, of: id, in: server, by: caller, tx)
            return SetPicture(
                url: PictureLinks.event(id, blob.id) ?? "", kind: .image, picture: size,
                size_bytes: blob.size_bytes)
        }
    }

    func remove(of id: ScheduledEventID, in server: ServerID, by caller: Caller) async throws {
        try await events.parts.database.write { tx in try set(nil, of: id, in: server, by: caller, tx) }
    }

    private func set(
        _ blob: BlobID?, of id: ScheduledEventID, in server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws {
        let old = try ScheduledEvents.managed(id, in: server, by: caller, tx)
        guard old.status.isOpen else { throw APIError.alreadyHandled }
        guard old.image != blob else { return }
        var new = old
        new.image = blob
        try Blobs.release(old.image, tx)
        try events.keep(new, insteadOf: old, by: caller, tx)
    }

    /// For everybody who has the address: nobody who does not see the event knows it.
    /// - Parameter version: what the address says of the file.
    /// - Throws: `.resourceNotFound`.
    func picture(of id: ScheduledEventID, version: String, width: Int) async throws -> Blob {
        let blob = try await events.parts.database.read { tx in
            try ScheduledEventStore.event(id, tx)?.image.flatMap { try BlobStore.blob($0, tx) }
        }
        guard let blob, blob.id.description == version else { throw APIError.resourceNotFound }
        return width == Self.area.width ? blob : try await thumbnails.thumbnail(.banner, of: blob)
    }
}

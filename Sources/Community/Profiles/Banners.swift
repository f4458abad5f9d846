import Database
import Features
import Files
import Kernel
import Media
import People

/// The broad pictures above profiles.
struct Banners: Sendable {
    static let maximum_bytes = 8 << 20
    static let area = PictureArea(width: 1200, height: 400)

    let profiles: Profiles
    let blobs: Blobs
    let intake: Intake
    let thumbnails: Thumbnails

    /// - Throws: `.invalidFileType`, `.fileTooLarge`, `.moduleNotAvailable`.
    func set(_ file: ReceivedFile, of caller: Caller) async throws -> SetPicture {
        let (drawn, size) = try await intake.picture(file, filling: Self.area)
        return try await blobs.keep(drawn, .webp) { blob, tx in
            try profiles.setBanner(blob.id, of: caller, tx)
            return SetPicture(
                url: PictureLinks.banner(of: caller.user, blob.id) ?? "", kind: .banner, picture: size,
                size_bytes: blob.size_bytes)
        }
    }

    func remove(of caller: Caller) async throws {
        try await profiles.parts.database.write { tx in try profiles.setBanner(nil, of: caller, tx) }
    }

    /// - Parameter width: 600 or 1200 pixels.
    /// - Throws: `.userNotFound`, `.resourceNotFound` for somebody without one.
    func banner(of user: UserID, width: Int) async throws -> Blob {
        let blob = try await profiles.parts.database.read { tx in
            _ = try UserStore.required(user, tx)
            return try ProfileStore.profile(of: user, tx).banner.flatMap { try BlobStore.blob($0, tx) }
        }
        guard let blob else { throw APIError.resourceNotFound }
        return width == Self.area.width ? blob : try await thumbnails.thumbnail(.banner, of: blob)
    }
}

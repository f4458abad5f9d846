import Crypto
import Database
import Events
import Features
import Files
import Kernel
import Media
import People
import WebAPI

/// Pictures of people and servers (contract: REST, Media, avatars).
package struct Avatars: Sendable {
    package static let maximum_bytes = 5 << 20
    private static let cacheTime_s = 86_400

    let parts: Parts
    let blobs: Blobs
    let intake: Intake
    let thumbnails: Thumbnails
    let auditLog: AuditLog

    /// What was made of a picture.
    struct Made: Sendable {
        let blob: Blob
        let size: PictureSize
    }

    // MARK: Setting

    func setAvatar(_ content: RequestContent, of caller: Caller) async throws -> SetPicture {
        let user = caller.user
        let made = try await receive(content, edge: PictureEdge.large.rawValue, limit_bytes: Self.maximum_bytes)
        return try await keep(made) { blob, size, tx in
            try Self.setAvatar(blob.id, of: user, parts.features, tx)
            return SetPicture(
                url: PictureLinks.avatar(of: user, blob.id) ?? "", kind: .avatar, picture: size,
                size_bytes: blob.size_bytes)
        }
    }

    func deleteAvatar(of caller: Caller) async throws {
        try await parts.database.write { tx in try Self.setAvatar(nil, of: caller.user, parts.features, tx) }
    }

    static func setAvatar(_ blob: BlobID?, of id: UserID, _ features: FeatureList, _ tx: Transaction) throws {
        let user = try UserStore.required(id, tx)
        guard user.avatar != blob else { return }
        try UserStore.setAvatar(blob, of: id, tx)
        try Blobs.release(user.avatar, tx)
        try UserEvents.changed(try UserStore.required(id, tx), features, tx)
    }

    /// - Throws: `.permissionDenied` without server.manage.
    func setIcon(_ content: RequestContent, of server: ServerID, by caller: Caller) async throws -> SetPicture {
        try await parts.database.read { tx in _ = try managed(server, by: caller, tx) }
        let made = try await receive(content, edge: PictureEdge.large.rawValue, limit_bytes: Self.maximum_bytes)
        return try await keep(made) { blob, size, tx in
            try setIcon(blob.id, of: server, by: caller, tx)
            return SetPicture(
                url: PictureLinks.icon(of: server, blob.id) ?? "", kind: .icon, picture: size,
                size_bytes: blob.size_bytes)
        }
    }

    func deleteIcon(of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in try setIcon(nil, of: server, by: caller, tx) }
    }

    private func setIcon(_ blob: BlobID?, of id: ServerID, by caller: Caller, _ tx: Transaction) throws {
        let old = try managed(id, by: caller, tx)
        guard old.icon != blob else { return }
        var new = old
        new.icon = blob
        try ServerStore.setIcon(blob, of: id, tx)
        try Blobs.release(old.icon, tx)
        try Discovery.faceChanges(new, parts.configuration, tx)
        ServerEvents.changed(new, tx)
        try auditLog.record(
            .serverUpdate, .server(id), in: id, by: caller, changes: AuditChanges.between(old, new), tx)
    }

    private func managed(_ id: ServerID, by caller: Caller, _ tx: Transaction) throws -> Server {
        let standing = try Servers.standing(of: caller.user, in: id, tx)
        try standing.permissions.require(.serverManage)
        return standing.server
    }

    /// Reads a form with a picture and makes it small enough.
    private func receive(
        _ content: RequestContent, edge: Int, limit_bytes: Int
    ) async throws -> (file: ReceivedFile, size: PictureSize) {
        _ = try intake.tools()
        let form = try await content.picture(in: blobs, limit_bytes: limit_bytes)
        return try await intake.picture(form.file, edge: edge)
    }

    private func keep<Result: Sendable>(
        _ made: (file: ReceivedFile, size: PictureSize),
        _ use: @escaping @Sendable (Blob, PictureSize, Transaction) throws -> Result
    ) async throws -> Result {
        let size = made.size
        return try await blobs.keep(made.file, .webp) { blob, tx in try use(blob, size, tx) }
    }

    // MARK: Fetching

    func avatar(of id: UserID, _ edge: PictureEdge) async throws -> FileAnswer {
        let (user, blob) = try await parts.database.read { tx in
            let user = try UserStore.required(id, tx)
            return (user, try user.avatar.flatMap { try BlobStore.blob($0, tx) })
        }
        let name = user.deletedAt == nil ? user.displayName ?? user.username : "?"
        return try await picture(blob, edge, name: name, number: id.rawValue)
    }

    func icon(of id: ServerID, _ edge: PictureEdge) async throws -> FileAnswer {
        let blob = try await parts.database.read { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            return try server.icon.flatMap { try BlobStore.blob($0, tx) }
        }
        // Everybody can ask for it, and a server's name is for those who are in it.
        return try await picture(blob, edge, name: "", number: id.rawValue)
    }

    private func picture(_ blob: Blob?, _ edge: PictureEdge, name: String, number: Int64) async throws -> FileAnswer {
        guard let blob else { return .file(Self.standIn(name, number)) }
        let shown = edge == .large ? blob : try await thumbnails.thumbnail(edge, of: blob)
        return .file(shown.served(by: blobs, filename: nil, caching: .everybody(seconds: Self.cacheTime_s)))
    }

    private static func standIn(_ name: String, _ number: Int64) -> ServedFile {
        let bytes = Array(DefaultPicture.svg(name, number: number).utf8)
        let tag = Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(12)))
        return ServedFile(
            contentType: "image/svg+xml", bytes: bytes, tag: tag, caching: .everybody(seconds: cacheTime_s))
    }
}

/// What is answered when a picture was set.
struct SetPicture: JSONEncodable {
    enum Kind: String {
        case avatar = "avatar_url"
        case banner = "banner_url"
        case icon = "icon_url"
        case image = "image_url"
    }

    let url: String
    let kind: Kind
    let picture: PictureSize
    let size_bytes: Int

    static var schema: JSONSchema {
        .named(
            "SetPicture",
            .object([
                .init("success", .boolean, isRequired: true), .init("avatar_url", .string(), isRequired: false),
                .init("icon_url", .string(), isRequired: false), .init("banner_url", .string(), isRequired: false),
                .init("image_url", .string(), isRequired: false),
                .init("width", .integer(), isRequired: true),
                .init("height", .integer(), isRequired: true), .init("size", .integer(), isRequired: true),
                .init("animated", .boolean, isRequired: true),
            ]))
    }

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.member("success", true)
        json.member(kind.rawValue, url)
        json.member("width", picture.width)
        json.member("height", picture.height)
        json.member("size", size_bytes)
        json.member("animated", picture.frames > 1)
        json.endObject()
    }
}

extension RequestContent {
    /// Reads a form with one picture, whatever its field is called.
    /// - Throws: `.fileTooLarge`, `.invalidInput` without a file.
    func picture(in blobs: Blobs, limit_bytes: Int) async throws -> (file: ReceivedFile, fields: [String: String]) {
        let staged = try await blobs.available().staging.file(limit_bytes: limit_bytes)
        let form = try await readForm(files: ["image", "file", "avatar", "icon", "banner"], limit_bytes: limit_bytes) {
            try await staged.take($0)
        }
        guard form.filename != nil else { throw APIError.invalidInput("image", "is required") }
        return (try await staged.finish(), form.fields)
    }
}

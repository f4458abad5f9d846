import Database
import HTTPTypes
import Kernel
import Media
import NIOCore
import WebAPI
import ZIP

/// Everything that the server holds on a user, for the user.
struct DataExports: Sendable {
    let parts: Parts
    let jobs: Jobs

    func begin(by caller: Caller) async throws -> Job {
        try await parts.database.write { tx in try jobs.begin(.dataExport, by: caller, tx) }
    }

    func list(of caller: Caller) async throws -> [Job] {
        try await parts.database.read { tx in try JobStore.jobs(of: caller.user, .dataExport, tx) }
    }

    func read(_ id: JobID, for caller: Caller) async throws -> Job {
        try await parts.database.read { tx in try Jobs.owned(id, .dataExport, by: caller, tx) }
    }

    private static let path = "/users/@me/data-export"
    private static let one: [ErrorKind] = [.jobNotFound, .invalidInput]

    var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "List the exports of one's data", takes: .nothing, returns: [Job].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .post, Self.path, "Begin to export one's data", takes: .nothing, returns: Job.self,
                errors: [.invalidInput]
            ) { caller, _ in .ok(try await begin(by: caller)) }
            .limited(by: .accountChange).forPeople,
            .authenticated(
                .get, "\(Self.path)/{export_id}", "How far an export is", takes: .nothing, returns: Job.self,
                errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("export_id"), for: caller)) },
            .download(
                "\(Self.path)/{export_id}/download", "Download one's data", takes: .none,
                contentTypes: ["application/zip"],
                errors: Self.one
            ) { caller, call in
                let id: JobID = try call.id("export_id")
                return try await jobs.result(
                    of: id, .dataExport, contentType: "application/zip", filename: "aviary-data-\(id).zip", for: caller)
            },
        ]
    }
}

/// Writes exports: a ZIP of JSON files.
struct DataExportMaker: JobMaker {
    private static let page = 500

    let database: any Database
    let blobs: Blobs

    func make(_ job: Job, into output: JobOutput) async throws {
        let archive = try ZIPWriter(modifiedAt: Int(job.createdAt.seconds))
        for (name, bytes) in try await database.read({ tx in try Self.files(about: job.owner, tx) }) {
            try archive.add(name, bytes)
        }
        var after = MessageID(rawValue: 0)
        var written = 0
        var file = 1
        while true {
            let start = after
            let messages = try await database.read { tx in
                try MessageStore.written(by: job.owner, after: start, limit: Self.page, tx)
            }
            if let last = messages.last {
                try archive.add("messages/\(file).json", messages.jsonBytes)
                after = last.id
            }
            written += messages.count
            file += 1
            try await output.write(archive.take())
            try await output.report(written)
            if messages.count < Self.page { break }
        }
        try await addFiles(of: job.owner, to: archive, after: written, output)
        try archive.finish()
        try await output.write(archive.take())
    }

    /// The picture, and everything that was uploaded and is still there.
    private func addFiles(
        of user: UserID, to archive: ZIPWriter, after written: Int, _ output: JobOutput
    ) async throws {
        let avatar = try await database.read { tx in
            try UserStore.required(user, tx).avatar.flatMap { try BlobStore.blob($0, tx) }
        }
        if let avatar { try await add("avatar.webp", avatar, to: archive, output) }
        var after = AttachmentID(rawValue: 0)
        var list: [Attachment] = []
        while true {
            let start = after
            let page = try await database.read { tx in
                try AttachmentStore.attachments(by: user, after: start, limit: Self.page, tx)
            }
            for attachment in page {
                try await add("files/\(attachment.id)/\(attachment.filename)", attachment.blob, to: archive, output)
                list.append(attachment)
                try await output.report(written + list.count)
            }
            guard let last = page.last, page.count == Self.page else { break }
            after = last.id
        }
        try archive.add("files.json", list.map(UploadedFile.init).jsonBytes)
    }

    private func add(_ path: String, _ blob: Blob, to archive: ZIPWriter, _ output: JobOutput) async throws {
        // What a disk has lost is no reason to get nothing at all.
        guard try await blobs.available().store.size_bytes(of: blob.key) == blob.size_bytes else { return }
        try archive.begin(path, size_bytes: blob.size_bytes)
        if blob.size_bytes > 0 {
            for try await piece in try await blobs.read(blob, 0..<blob.size_bytes) {
                try archive.write(Array(piece.readableBytesView))
                try await output.write(archive.take())
            }
        }
        try archive.end()
    }

    private static func files(about user: UserID, _ tx: Transaction) throws -> [(String, [UInt8])] {
        let account = try UserStore.required(user, tx)
        let memberships = try MemberStore.memberships(of: user, tx).map {
            MemberEvent(server: $0.server, member: $0.member)
        }
        let bookmarks = try BookmarkStore.bookmarks(of: user, tx).map(\.message)
        return [
            ("account.json", SelfUser(account).jsonBytes),
            (
                "sessions.json",
                try SessionStore.logins(of: user, tx).map { ListedLogin(login: $0, isCurrent: false) }.jsonBytes
            ),
            ("passkeys.json", try PasskeyStore.passkeys(of: user, tx).jsonBytes),
            ("servers.json", memberships.jsonBytes),
            ("private_channels.json", try PrivateChannels.channels(of: user, tx).jsonBytes),
            ("relationships.json", try RelationshipStore.relationships(of: user, tx).jsonBytes),
            ("read_states.json", try ReadStates.states(of: user, tx).jsonBytes),
            ("settings.json", SettingValues(values: try UserSettingStore.values(of: user, tx)).jsonBytes),
            ("notes.json", try UserNoteStore.notes(by: user, tx).jsonBytes),
            ("bookmarks.json", bookmarks.jsonBytes),
            (
                "notifications.json",
                try NotificationStore.notifications(of: user, before: nil, limit: 1000, unreadOnly: false, tx).jsonBytes
            ),
            ("applications.json", try ApplicationStore.applications(of: user, tx).jsonBytes),
            ("reports.json", try ReportStore.reports(by: user, tx).jsonBytes),
        ]
    }
}

/// A file as its uploader takes it along.
struct UploadedFile: JSONObjectEncodable {
    let attachment: Attachment

    init(_ attachment: Attachment) { self.attachment = attachment }

    static let shape = JSONShape<UploadedFile>(
        "UploadedFile",
        .field("id", \.attachment.id),
        .field("channel_id", \.attachment.channel),
        .field("message_id", \.attachment.message),
        .field("filename", \.attachment.filename),
        .field("size", \.attachment.blob.size_bytes),
        .field("content_type", \.attachment.blob.type.name),
        .field("hash", \.attachment.blob.sha256))
}

/// A message as its author takes it along.
struct WrittenMessage: JSONObjectEncodable {
    let id: MessageID
    let channel: ChannelID
    let content: String?
    let createdAt: Timestamp
    let editedAt: Timestamp?
    let replyTo: MessageID?
    let embeds: StoredEmbeds

    static let shape = JSONShape<WrittenMessage>(
        "WrittenMessage",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("content", \.content),
        .field("created_at", \.createdAt),
        .field("edited_at", \.editedAt),
        .field("reply_to_id", \.replyTo),
        .field("embeds", \.embeds))
}

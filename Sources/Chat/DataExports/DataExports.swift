import Database
import HTTPTypes
import Kernel
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
            .limited(by: .accountChange),
            .authenticated(
                .get, "\(Self.path)/{export_id}", "How far an export is", takes: .nothing, returns: Job.self,
                errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("export_id"), for: caller)) },
            .download(
                "\(Self.path)/{export_id}/download", "Download one's data", takes: .none,
                contentTypes: ["application/zip"],
                errors: Self.one
            ) { caller, call in
                let (job, pieces) = try await jobs.result(of: try call.id("export_id"), .dataExport, for: caller)
                return Download(
                    contentType: "application/zip", filename: "aviary-data-\(job.id).zip", size_bytes: job.size_bytes,
                    pieces: pieces)
            },
        ]
    }
}

/// Writes exports: a ZIP of JSON files.
struct DataExportMaker: JobMaker {
    private static let page = 500

    let database: any Database

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
            if messages.count < Self.page { break }
            try await output.write(archive.take(), progress: written)
        }
        try archive.finish()
        try await output.write(archive.take(), progress: written)
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

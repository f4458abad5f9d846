import Content
import Database
import Features
import Files
import Kernel
import Media
import NIOCore
import People
import ZIP

/// Everything that the server holds on a user, for the user.
struct DataExports: Sendable {
    let parts: Parts
    let jobs: Jobs
    let reauthentication: Reauthentication

    /// - Parameter proof: by which the caller proves who they are along with it; nil when they have done so lately.
    /// - Throws: `.permissionDenied` with `reauthentication` when they have not.
    func begin(
        by caller: Caller, proving proof: Reauthentication.Proof?, from client: ClientInformation
    ) async throws -> Job {
        if let proof { _ = try await reauthentication.prove(proof, by: caller, from: client) }
        return try await parts.database.write { tx in
            try Accounts.requireFresh(caller, tx)
            let job = try jobs.begin(.dataExport, by: caller, tx)
            try SecurityLog.record(.dataExport, of: caller.user, from: client, session: caller.login, parts, tx)
            return job
        }
    }

    /// Takes an export away, done or not.
    func delete(_ id: JobID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let job = try Jobs.owned(id, .dataExport, by: caller, tx)
            try JobStore.delete(job.id, job.result, tx)
        }
    }

    func list(of caller: Caller) async throws -> [Job] {
        try await parts.database.read { tx in try JobStore.jobs(of: caller.user, .dataExport, tx) }
    }

    func read(_ id: JobID, for caller: Caller) async throws -> Job {
        try await parts.database.read { tx in try Jobs.owned(id, .dataExport, by: caller, tx) }
    }

}

/// Writes exports: a ZIP of JSON files.
struct DataExportMaker: JobMaker {
    private static let page = 500

    let features: FeatureList
    let database: any SQLDatabase
    let blobs: Blobs

    func make(_ job: Job, into output: JobOutput) async throws {
        let archive = try ZIPWriter(modifiedAt: Int(job.createdAt.seconds))
        let files = try await database.read { tx in
            try features.types.flatMap { try $0.exports(of: job.owner, tx) }
        }
        for file in files { try archive.add(file.name, file.bytes) }
        try await addRows(about: job.owner, to: archive, output)
        var after = MessageID(rawValue: 0)
        var written = 0
        var file = 1
        while true {
            let start = after
            let messages = try await database.read { tx in
                try MessageStore.written(by: job.owner, after: start, limit: Self.page, tx)
            }
            if file == 1 || !messages.isEmpty { try archive.add("messages/\(file).json", messages.jsonBytes) }
            after = messages.last?.id ?? after
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

    /// Everything that the declarations say stands in files of rows; a long one is continued in further files.
    private func addRows(about user: UserID, to archive: ZIPWriter, _ output: JobOutput) async throws {
        for table in features.tables {
            for export in table.exports {
                guard let name = export.fileOfRows else { continue }
                var after: [SQLValue]?
                var number = 1
                while true {
                    let start = after
                    let rows = try await database.read { tx in
                        try PersonalDataStore.rows(of: table, export, about: user, after: start, limit: Self.page, tx)
                    }
                    if number == 1 || !rows.isEmpty {
                        let file = number == 1 ? name : name.replacing(".json", with: "-\(number).json")
                        try archive.add(file, JSON.array(rows.map { .object($0.json) }).jsonBytes)
                    }
                    try await output.write(archive.take())
                    guard rows.count == Self.page, let last = rows.last else { break }
                    after = last.key
                    number += 1
                    try await output.report(0)
                }
            }
        }
    }

    /// The pictures, and everything that was uploaded and is still there.
    private func addFiles(
        of user: UserID, to archive: ZIPWriter, after written: Int, _ output: JobOutput
    ) async throws {
        let pictures = try await database.read { [features] tx in
            try features.types.flatMap { try $0.exportedPictures(of: user, tx) }.compactMap { picture in
                try BlobStore.blob(picture.blob, tx).map { (picture.name, $0) }
            }
        }
        for (name, blob) in pictures { try await add(name, blob, to: archive, output) }
        var after = AttachmentID(rawValue: 0)
        var list: [UploadedFile] = []
        // What was handed on is often the same content: it stands there once.
        var paths: [BlobID: String] = [:]
        while true {
            let start = after
            let page = try await database.read { tx in
                try AttachmentStore.attachments(by: user, after: start, limit: Self.page, tx)
            }
            for attachment in page {
                let path = paths[attachment.blob.id] ?? "files/\(attachment.id)/\(attachment.filename)"
                if paths.updateValue(path, forKey: attachment.blob.id) == nil {
                    try await add(path, attachment.blob, to: archive, output)
                }
                list.append(UploadedFile(attachment: attachment, path: path))
                try await output.report(written + list.count)
            }
            guard let last = page.last, page.count == Self.page else { break }
            after = last.id
        }
        try archive.add("files.json", list.jsonBytes)
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
}

extension Table.Export {
    /// The name of the file that the rows stand in.
    var fileOfRows: String? {
        switch self {
        case .rows(let name, _, _), .rowsBelonging(let name, _): name
        case .file, .withheld: nil
        }
    }
}

/// A file as its uploader takes it along.
struct UploadedFile: JSONObjectEncodable {
    let attachment: Attachment
    /// Where its bytes stand in the archive; files of the same content share them.
    let path: String

    static let shape = JSONShape<UploadedFile>(
        "UploadedFile",
        .field("id", \.attachment.id),
        .field("channel_id", \.attachment.channel),
        .field("message_id", \.attachment.message),
        .field("filename", \.attachment.filename),
        .field("path", \.path),
        .field("size", \.attachment.blob.size_bytes),
        .field("content_type", \.attachment.blob.type.name),
        .field("hash", \.attachment.blob.sha256))
}

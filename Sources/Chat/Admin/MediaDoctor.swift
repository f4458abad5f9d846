import Content
import Database
import Features
import Files
import Kernel
import Media

/// Compares the files in the store with those in the database, and puts right what does not agree.
///
/// While the server runs, files come and go; what is younger than an hour is therefore left alone.
public struct MediaDoctor: Sendable {
    /// One thing that is wrong.
    public enum Finding: Sendable, Equatable, CustomStringConvertible {
        /// The database knows the file, and the store does not have it, or has another size.
        case missing(BlobID, ObjectKey, size_bytes: Int, found_bytes: Int?)
        /// The store has an object that nothing in the database stands for.
        case stray(ObjectKey, size_bytes: Int)

        public var description: String {
            switch self {
            case .missing(_, let key, let size, nil): "missing: \(key) (\(size) bytes)"
            case .missing(_, let key, let size, let found?): "wrong size: \(key) has \(found) instead of \(size) bytes"
            case .stray(let key, let size): "stray: \(key) (\(size) bytes)"
            }
        }
    }

    /// What may be lost without a doubt that this is the right store.
    public enum Loss: Sendable {
        case some
        case all
    }

    /// Nothing that the database knows is in the store.
    public struct NothingThere: Error, CustomStringConvertible {
        public var description: String {
            "the store has none of the files that the database knows: is it the one that the servers use?"
        }
    }

    private static let patience = Duration.seconds(3600)
    private static let page = 200

    private let parts: Parts
    private let store: any ObjectStore

    public init(_ administration: Administration, store: any ObjectStore) {
        parts = administration.parts
        self.store = store
    }

    /// - Parameter report: is told of each finding.
    public func examine(_ report: (Finding) -> Void) async throws { try await find { report($0) } }

    /// - Parameter report: is told of each finding, after it was put right.
    /// - Throws: `NothingThere` unless all may be lost: a folder that is not mounted, or not the one, looks so.
    public func mend(allowing loss: Loss = .some, _ report: (Finding) -> Void) async throws {
        if loss == .some { try await requireFiles() }
        try await find { finding in
            try await putRight(finding)
            report(finding)
        }
    }

    private func find(_ found: (Finding) async throws -> Void) async throws {
        try await findMissing(found)
        try await findStray(found)
    }

    private func requireFiles() async throws {
        struct Found: Error {}
        var known = 0
        do {
            try await eachStored { blob in
                known += 1
                if try await store.size_bytes(of: blob.key) == blob.size_bytes { throw Found() }
            }
        } catch is Found {
            return
        }
        if known > 0 { throw NothingThere() }
    }

    private func findMissing(_ found: (Finding) async throws -> Void) async throws {
        try await eachStored { blob in
            let stored_bytes = try await store.size_bytes(of: blob.key)
            guard stored_bytes != blob.size_bytes else { return }
            try await found(.missing(blob.id, blob.key, size_bytes: blob.size_bytes, found_bytes: stored_bytes))
        }
    }

    private func eachStored(_ look: (Blob) async throws -> Void) async throws {
        var last = BlobID(rawValue: 0)
        while true {
            let start = last
            let blobs = try await parts.database.read { tx in try BlobStore.blobs(after: start, limit: Self.page, tx) }
            guard let end = blobs.last else { return }
            last = end.id
            for blob in blobs where blob.state == .stored { try await look(blob) }
        }
    }

    private func putRight(_ finding: Finding) async throws {
        switch finding {
        case .missing(let blob, _, _, _): try await forget(blob)
        case .stray(let key, _): try await store.delete(key)
        }
    }

    /// What can't be shown any more is not promised any more.
    private func forget(_ blob: BlobID) async throws {
        try await parts.database.write { tx in
            try BlobStore.detach(blob, parts.features, tx)
            try BlobStore.setState(.deleting, of: blob, tx)
            try Blobs.release(blob, tx)
        }
    }

    private func findStray(_ found: (Finding) async throws -> Void) async throws {
        let youngest = (parts.clock.now() - Self.patience).seconds
        try await store.list("") { object in
            guard object.modifiedAt < youngest, try await isStray(object.key) else { return }
            try await found(.stray(object.key, size_bytes: object.size_bytes))
        }
    }

    private func isStray(_ key: ObjectKey) async throws -> Bool {
        try await parts.database.read { tx in
            if let number = key.blobNumber { return try BlobStore.blob(BlobID(rawValue: number), tx)?.key != key }
            guard let upload = key.uploadNumber else { return true }
            return try UploadStore.upload(UploadID(rawValue: upload), tx) == nil
        }
    }
}

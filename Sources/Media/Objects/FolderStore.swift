import Foundation
import NIOCore

/// Objects as files of a local folder.
public struct FolderStore: ObjectStore {
    private let folder: String

    /// - Parameter folder: on the file system of the staging folder, for files are moved from there.
    public init(folder: String) throws {
        self.folder = folder
        try BlockingFile.makeFolder(folder)
    }

    private func path(_ key: ObjectKey) -> String { "\(folder)/\(key)" }

    /// Synced before it gets its name, so that a name always stands for the whole file.
    public func put(_ file: ReceivedFile, at key: ObjectKey, contentType: String) async throws {
        let path = path(key)
        try await BlockingFile.run {
            try BlockingFile.open(file.path).sync()
            try BlockingFile.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            // By way of the staging folder, where nothing stays for ever.
            try BlockingFile.link(file.path, to: path, passing: file.path + "-link")
        }
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>) async throws -> ObjectBytes {
        let path = path(key)
        let file = try await BlockingFile.run {
            let file = try BlockingFile.open(path)
            // The kernel would send what is not there for ever.
            guard try file.size() >= range.upperBound else {
                throw ObjectStoreFailure(description: "\(path) is shorter than it should be")
            }
            return file
        }
        return ObjectBytes(FilePieces(path: path, range: range, file: file), descriptor: file.descriptor)
    }

    public func size_bytes(of key: ObjectKey) async throws -> Int? {
        let path = path(key)
        return try await BlockingFile.run {
            do {
                return try BlockingFile.open(path).size()
            } catch let failure as FileFailure where failure.code == ENOENT {
                return nil
            }
        }
    }

    public func delete(_ key: ObjectKey) async throws {
        let path = path(key)
        _ = try await BlockingFile.run { try BlockingFile.remove(path) }
    }

    public func list(_ prefix: String, _ body: (ListedObject) async throws -> Void) async throws {
        let folder = folder
        let names = try await BlockingFile.run {
            (FileManager.default.enumerator(atPath: folder)?.allObjects ?? []).compactMap { $0 as? String }
        }
        for name in names where name.hasPrefix(prefix) {
            guard let key = ObjectKey(name), let object = try await listed(key) else { continue }
            try await body(object)
        }
    }

    private func listed(_ key: ObjectKey) async throws -> ListedObject? {
        let path = path(key)
        return try await BlockingFile.run {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                attributes[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return ListedObject(
                key: key, size_bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0,
                modifiedAt: Int64((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0))
        }
    }

    public func address(of key: ObjectKey, _ download: DirectDownload) -> String? { nil }

    public func shutDown() {}
}

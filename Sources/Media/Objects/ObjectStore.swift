import NIOCore

/// Where files are kept: a local folder, or a service that speaks S3. An object is there whole or not at all.
public protocol ObjectStore: Sendable {
    /// Stores a file, and returns once it is safe.
    func put(_ file: ReceivedFile, at key: ObjectKey, contentType: String) async throws

    /// A part of an object.
    func read(_ key: ObjectKey, _ range: Range<Int>) async throws -> ObjectBytes

    /// Nil when there is no such object.
    func size_bytes(of key: ObjectKey) async throws -> Int?

    /// It is no error when there is none.
    func delete(_ key: ObjectKey) async throws

    /// Every object whose key begins so, in any order.
    func list(_ prefix: String, _ body: (ListedObject) async throws -> Void) async throws

    /// Where a client can fetch an object by itself for a while; nil when it has to come through the server.
    func address(of key: ObjectKey, _ download: DirectDownload) async throws -> String?

    func shutDown() async
}

/// The name of an object: parts of letters, digits, `.` and `-`, separated by slashes.
public struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil for what could mean something to a file system.
    public init?(_ text: String) {
        let isPlain = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isPlain) }) else { return nil }
        description = text
    }

    private init(known text: String) { description = text }

    /// A stored file: found by its content, and by a number that tells it from an earlier one which is being removed.
    public static func blob(sha256: String, number: Int64) -> ObjectKey {
        ObjectKey(known: "blobs/\(sha256.prefix(2))/\(sha256)-\(number)")
    }

    /// A piece of an upload that is not complete.
    public static func chunk(_ number: Int, of upload: Int64) -> ObjectKey {
        ObjectKey(known: "uploads/\(upload)/\(number)")
    }

    /// The number of the upload that a chunk's key belongs to.
    public var uploadNumber: Int64? {
        let parts = description.split(separator: "/")
        return parts.count == 3 && parts[0] == "uploads" ? Int64(parts[1]) : nil
    }

    /// The number of a blob's key.
    public var blobNumber: Int64? {
        guard description.hasPrefix("blobs/"), let dash = description.lastIndex(of: "-") else { return nil }
        return Int64(description[description.index(after: dash)...])
    }
}

public struct ListedObject: Sendable {
    public let key: ObjectKey
    public let size_bytes: Int
    /// Unix seconds.
    public let modifiedAt: Int64
}

/// How a client is to see what it fetches by itself.
public struct DirectDownload: Sendable {
    public let contentType: String
    public let contentDisposition: String
    public let lifetime_s: Int

    public init(contentType: String, contentDisposition: String, lifetime_s: Int) {
        self.contentType = contentType
        self.contentDisposition = contentDisposition
        self.lifetime_s = lifetime_s
    }
}

/// A part of an object, in pieces.
public struct ObjectBytes: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer
    public typealias Failure = any Error

    private let make: @Sendable () -> Iterator
    /// Of the file that they come from, open as long as this is there; nil for an object that is elsewhere.
    public let descriptor: CInt?

    init<Pieces: AsyncSequence & Sendable>(
        _ pieces: Pieces, descriptor: CInt? = nil
    ) where Pieces.Element == ByteBuffer {
        self.descriptor = descriptor
        make = {
            var iterator = pieces.makeAsyncIterator()
            return Iterator { try await iterator.next() }
        }
    }

    public struct Iterator: AsyncIteratorProtocol {
        let advance: () async throws -> ByteBuffer?

        public mutating func next() async throws -> ByteBuffer? { try await advance() }
    }

    public func makeAsyncIterator() -> Iterator { make() }
}

/// What a store could not do.
public struct ObjectStoreFailure: Error, CustomStringConvertible {
    public let description: String
}

import NIOCore

/// A part of a file, read as it is sent.
public struct FilePieces: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer
    public typealias Failure = any Error

    /// Large enough that the way to a thread and back does not count.
    static let piece_bytes = 256 * 1024

    let path: String
    let range: Range<Int>
    /// Opened when the first piece is read, unless it is open already.
    var file: BlockingFile?

    public struct Iterator: AsyncIteratorProtocol {
        let path: String
        var range: Range<Int>
        var file: BlockingFile?

        public mutating func next() async throws -> ByteBuffer? {
            guard !range.isEmpty else { return nil }
            let (path, known, start) = (path, file, range.lowerBound)
            let count = Swift.min(range.count, FilePieces.piece_bytes)
            let (opened, piece) = try await BlockingFile.run {
                let file = try known ?? BlockingFile.open(path)
                return (file, try file.read(count, at: start))
            }
            file = opened
            guard piece.readableBytes == count else {
                throw FileFailure(call: "read (the file is shorter than known)", path: path, code: 0)
            }
            range = (start + count)..<range.upperBound
            return piece
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(path: path, range: range, file: file) }
}

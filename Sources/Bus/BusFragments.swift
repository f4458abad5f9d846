import Kernel

/// Messages in words that are short enough for NOTIFY: `TITLE`, or `TITLE ID INDEX COUNT BASE64`.
struct BusFragments {
    /// In base64 it stays below NOTIFY's 8,000 bytes.
    static let piece_bytes = 5700
    /// So much may wait for its other parts; a sender that dies leaves some.
    static let maximumWaiting_bytes = 1 << 20
    static let maximum_bytes = MessageSize.maximumSealed_bytes
    /// So many may wait, and so long are their names.
    private static let maximumWaiting = 64
    private static let longestName = 40

    private struct Partial {
        let id: String
        var pieces: [[UInt8]]
    }

    private var waiting: [Partial] = []

    static func words(for message: [UInt8], _ title: String, as id: String) -> [String] {
        guard message.count <= maximum_bytes else { return [] }
        let count = (message.count + piece_bytes - 1) / piece_bytes
        return (0..<count).map { index in
            let piece = message[index * piece_bytes..<min((index + 1) * piece_bytes, message.count)]
            return "\(title) \(id) \(index) \(count) \(Base64URL.encode(Array(piece)))"
        }
    }

    /// Whether a word is the first one of its message.
    static func begins(_ word: String) -> Bool {
        let parts = word.split(separator: " ")
        return parts.count < 3 || parts[2] == "0"
    }

    static func title(of word: String) -> BusTitle? {
        word.split(separator: " ").first.flatMap { BusTitle(String($0)) }
    }

    /// - Returns: the title and the message that is complete by that word.
    mutating func add(_ word: String) -> (title: String, message: [UInt8])? {
        let parts = word.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 { return (parts[0], []) }
        guard parts.count == 5, let index = Int(parts[2]), let count = Int(parts[3]),
            (1...Self.maximum_bytes / Self.piece_bytes + 1).contains(count), (0..<count).contains(index),
            parts[1].utf8.count <= Self.longestName, let piece = Base64URL.decode(parts[4])
        else { return nil }
        if count == 1 { return (parts[0], piece) }
        return add(piece, index, of: count, id: parts[1]).map { (parts[0], $0) }
    }

    /// The parts of a message come in order, or not at all.
    private mutating func add(_ piece: [UInt8], _ index: Int, of count: Int, id: String) -> [UInt8]? {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else {
            if index == 0 { waiting.append(Partial(id: id, pieces: [piece])) }
            makeRoom()
            return nil
        }
        guard waiting[place].pieces.count == index else {
            waiting.remove(at: place)
            return nil
        }
        waiting[place].pieces.append(piece)
        guard index == count - 1 else {
            makeRoom()
            return nil
        }
        return Array(waiting.remove(at: place).pieces.joined())
    }

    private mutating func makeRoom() {
        var bytes = waiting.reduce(0) { $0 + $1.pieces.reduce(0) { $0 + $1.count } }
        while bytes > Self.maximumWaiting_bytes || waiting.count > Self.maximumWaiting, let first = waiting.first {
            bytes -= first.pieces.reduce(0) { $0 + $1.count }
            waiting.removeFirst()
        }
    }
}

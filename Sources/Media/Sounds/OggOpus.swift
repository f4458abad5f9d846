/// A file of Opus in Ogg (RFC 3533, RFC 7845) that is read without being played, for machines without the tools that could.
///
/// Nothing of it is believed that can be counted: its length is that of its packets, and it is written anew without what else
/// was said in it.
public struct OggOpus: Sendable, Equatable {
    /// The same sound, without names, pictures and whatever stood beside it.
    public let bytes: [UInt8]
    public let duration_ms: Int
    /// At most 256 parts of equal length, from 0 to 255. What is louder takes more bytes, so these are weighed.
    public let waveform: [UInt8]

    private static let samplesPerMillisecond = 48
    /// An Opus packet is no longer than this (RFC 6716, section 3.2.5), and has at most 48 frames of 1,275 bytes.
    private static let longestPacket_ms = 120
    private static let largestPacket_bytes = 48 * 1275 + 98

    /// - Returns: nil for what is no such file, is damaged, or has a second stream in it.
    public init?(_ file: [UInt8]) {
        guard let (serial, packets) = OggPage.packets(of: file), packets.count > 2,
            let preSkip = Self.preSkip(packets[0]), packets[1].starts(with: Array("OpusTags".utf8))
        else { return nil }
        let sound = packets.dropFirst(2)
        let lengths = sound.map(Self.samples)
        guard lengths.allSatisfy({ $0 > 0 }) else { return nil }
        let total = lengths.reduce(0, +) - preSkip
        guard total > 0 else { return nil }
        duration_ms = max(1, total / Self.samplesPerMillisecond)
        waveform = Self.waveform(of: Array(zip(sound.map(\.count), lengths)))
        var writing = OggPage.Writing(serial: serial)
        writing.add(Array(packets[0]), at: 0)
        writing.add(Self.noTags, at: 0)
        var position: UInt64 = 0
        for (packet, length) in zip(sound, lengths) {
            position += UInt64(length)
            writing.add(Array(packet), at: position)
        }
        writing.end()
        bytes = writing.bytes
    }

    /// `OpusTags` with no vendor and no comment.
    private static let noTags = Array("OpusTags".utf8) + [UInt8](repeating: 0, count: 8)

    private static let headSize_bytes = 19

    /// Mono or stereo, which needs no table of channels (RFC 7845, section 5.1).
    /// - Returns: how much is not heard at the beginning, in samples.
    private static func preSkip(_ packet: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(packet)
        guard bytes.count == headSize_bytes, bytes.starts(with: Array("OpusHead".utf8)), bytes[8] >> 4 == 0,
            [1, 2].contains(bytes[9]), bytes[18] == 0
        else { return nil }
        return Int(bytes[10]) | Int(bytes[11]) << 8
    }

    /// How much sound is in a packet, at 48 kHz; 0 for what is no packet (RFC 6716, section 3.1).
    private static func samples(in packet: ArraySlice<UInt8>) -> Int {
        guard let first = packet.first, packet.count <= largestPacket_bytes else { return 0 }
        let configuration = Int(first >> 3)
        let frame =
            switch configuration {
            case 0..<12: [480, 960, 1920, 2880][configuration % 4]
            case 12..<16: [480, 960][configuration % 2]
            default: [120, 240, 480, 960][configuration % 4]
            }
        let count: Int
        switch first & 3 {
        case 0: count = 1
        case 1, 2: count = 2
        default: count = packet.count > 1 ? Int(packet[packet.startIndex + 1] & 63) : 0
        }
        let samples = frame * count
        return samples <= longestPacket_ms * samplesPerMillisecond ? samples : 0
    }

    private static func waveform(of packets: [(size: Int, samples: Int)]) -> [UInt8] {
        let total = max(1, packets.reduce(0) { $0 + $1.samples })
        // A part is a tenth of a second long, or longer where there would be too many.
        let parts = min(256, max(1, total / (100 * samplesPerMillisecond)))
        var largest = [Int](repeating: 0, count: parts)
        var position = 0
        for packet in packets {
            let part = min(parts - 1, position * parts / total)
            largest[part] = max(largest[part], packet.size * 960 / max(1, packet.samples))
            position += packet.samples
        }
        let loudest = max(1, largest.max() ?? 1)
        return largest.map { UInt8(min(255, $0 * 255 / loudest)) }
    }
}

/// A page of an Ogg file (RFC 3533, section 6).
enum OggPage {
    private static let header_bytes = 27
    /// Two hours of sound as it is usually cut; nobody says more in one go.
    private static let maximumPackets = 400_000

    /// The packets of the one stream that is in a file.
    /// - Returns: nil for several streams, for pages that are missing, cut or damaged, and for a packet without an end.
    static func packets(of file: [UInt8]) -> (serial: UInt32, packets: [ArraySlice<UInt8>])? {
        var (position, number, serial, isOver) = (0, UInt32(0), UInt32(0), false)
        var packets: [ArraySlice<UInt8>] = []
        var begun: [UInt8] = []
        var isBegun = false
        while position < file.count {
            guard !isOver, file.count - position >= header_bytes,
                file[position..<position + 5].elementsEqual(Array("OggS".utf8) + [0])
            else { return nil }
            let kind = file[position + 5]
            let segments = Int(file[position + 26])
            let start = position + header_bytes + segments
            guard start <= file.count else { return nil }
            let table = file[position + header_bytes..<start]
            let end = start + table.reduce(0) { $0 + Int($1) }
            guard end <= file.count, checksum(of: file[position..<end]) == word(file, at: position + 22),
                word(file, at: position + 18) == number
            else { return nil }
            // The first page begins the stream, each goes on where the last one ended, and the last one says so.
            if number == 0 { serial = word(file, at: position + 14) }
            guard (kind & 2 != 0) == (number == 0), (kind & 1 != 0) == isBegun,
                word(file, at: position + 14) == serial
            else { return nil }
            var offset = start
            var first = start
            for length in table {
                offset += Int(length)
                isBegun = length == 255
                guard !isBegun else { continue }
                // Only what lies on two pages is copied.
                packets.append(begun.isEmpty ? file[first..<offset] : (begun + file[first..<offset])[...])
                (begun, first) = ([], offset)
                guard packets.count <= maximumPackets else { return nil }
            }
            begun += file[first..<offset]
            isOver = kind & 4 != 0
            (position, number) = (end, number + 1)
        }
        return isBegun ? nil : (serial, packets)
    }

    /// Packets as pages, each on its own or on as many as it needs.
    struct Writing {
        let serial: UInt32
        private(set) var bytes: [UInt8] = []
        private var number: UInt32 = 0
        private var held: (payload: [UInt8], table: [UInt8], position: UInt64) = ([], [], 0)

        init(serial: UInt32) { self.serial = serial }

        /// A packet fits a page: Opus has none of 65,025 bytes.
        /// - Parameter position: how many samples there are up to the packet's end; 0 for what is no sound.
        mutating func add(_ packet: [UInt8], at position: UInt64) {
            let table = [UInt8](repeating: 255, count: packet.count / 255) + [UInt8(packet.count % 255)]
            if held.table.count > 50 || held.table.count + table.count > 255 { write() }
            held = (held.payload + packet, held.table + table, position)
            // What is no sound stands on pages of its own (RFC 7845, section 3).
            if position == 0 { write() }
        }

        mutating func end() { write(Self.last) }

        private static let (first, last): (UInt8, UInt8) = (2, 4)

        private mutating func write(_ mark: UInt8 = 0) {
            guard !held.table.isEmpty else { return }
            let kind = (number == 0 ? Self.first : 0) | mark
            var page = Array("OggS".utf8) + [0, kind]
            page += (0..<8).map { UInt8(truncatingIfNeeded: held.position >> (8 * UInt64($0))) }
            page += OggPage.bytes(of: serial) + OggPage.bytes(of: number) + [0, 0, 0, 0, UInt8(held.table.count)]
            page += held.table + held.payload
            page.replaceSubrange(22..<26, with: OggPage.bytes(of: OggPage.checksum(of: page[...])))
            bytes += page
            number += 1
            held = ([], [], 0)
        }
    }

    private static func bytes(of word: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }

    private static func word(_ bytes: [UInt8], at position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << (8 * UInt32($1)) }
    }

    /// The sum of a page whose field for it is taken as 0 (RFC 3533, section 6).
    private static func checksum(of page: ArraySlice<UInt8>) -> UInt32 {
        var sum: UInt32 = 0
        for (index, byte) in page.enumerated() {
            let value = (22..<26).contains(index) ? 0 : byte
            sum = sum << 8 ^ remainders[Int(sum >> 24) ^ Int(value)]
        }
        return sum
    }

    private static let remainders: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
    }
}

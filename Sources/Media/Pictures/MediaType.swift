/// What a file is, told from its first bytes. Names and what clients say do not count.
///
/// The signatures are those of the WHATWG's MIME Sniffing Standard, section 6, and of the formats' own documents.
public struct MediaType: Sendable, Hashable {
    public enum Kind: Sendable {
        case picture
        case video
        case audio
        case other
    }

    /// Such as `image/png`.
    public let name: String
    public let kind: Kind

    private init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    public static let jpeg = MediaType("image/jpeg", .picture)
    public static let png = MediaType("image/png", .picture)
    public static let gif = MediaType("image/gif", .picture)
    public static let webp = MediaType("image/webp", .picture)
    public static let mp4 = MediaType("video/mp4", .video)
    public static let quickTime = MediaType("video/quicktime", .video)
    public static let webm = MediaType("video/webm", .video)
    public static let matroska = MediaType("video/x-matroska", .video)
    public static let mp4Audio = MediaType("audio/mp4", .audio)
    public static let webmAudio = MediaType("audio/webm", .audio)
    public static let matroskaAudio = MediaType("audio/x-matroska", .audio)
    public static let mp3 = MediaType("audio/mpeg", .audio)
    public static let aac = MediaType("audio/aac", .audio)
    public static let ogg = MediaType("audio/ogg", .audio)
    public static let oggVideo = MediaType("video/ogg", .video)
    public static let wave = MediaType("audio/wav", .audio)
    public static let flac = MediaType("audio/flac", .audio)
    public static let pdf = MediaType("application/pdf", .other)
    public static let zip = MediaType("application/zip", .other)
    public static let gzip = MediaType("application/gzip", .other)
    public static let sevenZip = MediaType("application/x-7z-compressed", .other)
    public static let text = MediaType("text/plain", .other)
    public static let unknown = MediaType("application/octet-stream", .other)
    public static let windowsProgram = MediaType("application/vnd.microsoft.portable-executable", .other)
    public static let elfProgram = MediaType("application/x-executable", .other)
    public static let machProgram = MediaType("application/x-mach-binary", .other)

    private static let all: [MediaType] = [
        jpeg, png, gif, webp, mp4, quickTime, webm, matroska, oggVideo, mp4Audio, webmAudio, matroskaAudio, mp3, aac,
        ogg, wave, flac, pdf, zip, gzip, sevenZip, text, windowsProgram, elfProgram, machProgram,
    ]

    /// The type that was stored under its name.
    public init(named name: String) { self = Self.all.first { $0.name == name } ?? .unknown }

    public static let pictures: [MediaType] = [jpeg, png, gif, webp]

    /// How many bytes it takes to tell.
    public static let head_bytes = 4096

    /// Types that a browser may show by itself: it never runs anything that is in them.
    public var isShownInline: Bool {
        switch self {
        case .jpeg, .png, .gif, .webp, .mp4, .webm, .oggVideo: true
        case .mp4Audio, .webmAudio, .mp3, .aac, .ogg, .wave, .flac: true
        default: false
        }
    }

    /// The type of a film or a sound of this container, now that it is known whether there is anything to be seen in it.
    public func holding(pictures hasPictures: Bool) -> MediaType {
        switch self {
        case .webm: hasPictures ? self : .webmAudio
        case .matroska: hasPictures ? self : .matroskaAudio
        case .mp4, .quickTime: hasPictures ? self : .mp4Audio
        case .mp4Audio: hasPictures ? .mp4 : self
        case .ogg: hasPictures ? .oggVideo : self
        default: self
        }
    }

    /// - Parameter head: the file's first bytes, `head_bytes` of them if there are so many.
    public static func detect(_ head: [UInt8]) -> MediaType {
        if isDocument(head) { return .pdf }
        // Before the signatures: many of them are letters, with which a text may begin. All these formats have bytes near
        // their beginning that no text has.
        if isText(head) { return .text }
        for (type, signature) in signatures where matches(head, signature, at: 0) { return type }
        return container(head) ?? program(head) ?? .unknown
    }

    private static let signatures: [(MediaType, [UInt8])] = [
        (.jpeg, [0xFF, 0xD8, 0xFF]),
        (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        (.gif, Array("GIF87a".utf8)),
        (.gif, Array("GIF89a".utf8)),
        (.ogg, Array("OggS\0".utf8)),
        (.flac, Array("fLaC".utf8)),
        (.mp3, Array("ID3".utf8)),
        (.zip, [0x50, 0x4B, 0x03, 0x04]),
        (.gzip, [0x1F, 0x8B, 0x08]),
        (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        (.elfProgram, [0x7F, 0x45, 0x4C, 0x46]),
        (.machProgram, [0xCF, 0xFA, 0xED, 0xFE]),
        (.machProgram, [0xCE, 0xFA, 0xED, 0xFE]),
        (.machProgram, [0xFE, 0xED, 0xFA, 0xCF]),
        (.machProgram, [0xFE, 0xED, 0xFA, 0xCE]),
    ]

    /// A document may well be all letters: `%PDF-` and the version (ISO 32000-1, section 7.5.2).
    private static func isDocument(_ head: [UInt8]) -> Bool {
        matches(head, Array("%PDF-".utf8), at: 0) && head.count > 7 && isDigit(head[5])
            && head[6] == UInt8(ascii: ".") && isDigit(head[7])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Programs whose first letters are too few to tell.
    private static func program(_ head: [UInt8]) -> MediaType? {
        if matches(head, Array("MZ".utf8), at: 0), isWindowsProgram(head) { return .windowsProgram }
        // Programs for several processors: how many is a small number, where a class of Java's has its version, from 45 on.
        if matches(head, [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0], at: 0), head.count > 7, head[7] < 45 {
            return .machProgram
        }
        return nil
    }

    /// The header for DOS says where that for Windows begins (Microsoft, PE Format). One that begins behind what was read is
    /// taken for one: Windows looks for it in the first 256 MiB.
    private static func isWindowsProgram(_ head: [UInt8]) -> Bool {
        guard head.count >= 64 else { return false }
        let start = (0..<4).reduce(0) { $0 | Int(head[60 + $1]) << (8 * $1) }
        if start + 4 > head.count { return head.count >= head_bytes && start < 256 << 20 }
        return ["PE\0\0", "NE", "LE", "LX"].contains { matches(head, Array($0.utf8), at: start) }
    }

    /// Formats that say only further in what they hold.
    private static func container(_ head: [UInt8]) -> MediaType? {
        if matches(head, Array("RIFF".utf8), at: 0) {
            if matches(head, Array("WEBP".utf8), at: 8) { return .webp }
            if matches(head, Array("WAVE".utf8), at: 8) { return .wave }
        }
        if matches(head, Array("ftyp".utf8), at: 4) { return baseMedia(head) }
        if matches(head, [0x1A, 0x45, 0xDF, 0xA3], at: 0) {
            return contains(head, Array("webm".utf8)) ? .webm : .matroska
        }
        guard head.count > 1, head[0] == 0xFF else { return nil }
        // An MPEG audio frame without a tag before it (ISO 11172-3): 11 set bits, then layer III.
        if head[1] & 0xE6 == 0xE2 { return .mp3 }
        // What many phones record (ADTS, ISO 13818-7): 12 set bits, then layer 0.
        if head[1] & 0xF6 == 0xF0 { return .aac }
        return nil
    }

    /// ISO 14496-12, by the major brand. What is no video that browsers know (HEIC, say) is a file like any other.
    private static func baseMedia(_ head: [UInt8]) -> MediaType {
        let brand = String(decoding: head.dropFirst(8).prefix(4), as: UTF8.self)
        switch brand {
        case "qt  ": return .quickTime
        case "M4A ", "M4B ": return .mp4Audio
        case "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "dash", "MSNV": return .mp4
        case "3gp4", "3gp5", "3gp6", "3g2a": return .mp4
        default: return .unknown
        }
    }

    /// UTF-8 without control characters.
    private static func isText(_ head: [UInt8]) -> Bool {
        guard head.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0C, 0x0D, 0x1B].contains($0) }) else { return false }
        // The last character may be cut.
        return (0...3).contains { cut in
            (cut == 0 || head.count >= head_bytes) && String(validating: head.dropLast(cut), as: UTF8.self) != nil
        }
    }

    private static func matches(_ head: [UInt8], _ signature: [UInt8], at offset: Int) -> Bool {
        head.dropFirst(offset).starts(with: signature)
    }

    private static func contains(_ head: [UInt8], _ word: [UInt8]) -> Bool {
        head.prefix(256).indices.contains { head[$0...].starts(with: word) }
    }
}

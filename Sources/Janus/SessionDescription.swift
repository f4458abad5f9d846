/// What a device says of the media that it sends or wants (SDP, RFC 8866), looked at and narrowed before a media server reads it.
public struct SessionDescription: Sendable, Equatable {
    /// What is wrong with one.
    public struct Flaw: Error, Equatable, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// A media section.
    public struct Section: Sendable, Equatable {
        public enum Medium: String, Sendable {
            case audio
            case video
            case application
        }

        public let mid: String
        public let medium: Medium
        /// Whether whoever says so sends something in it.
        public let isSent: Bool
    }

    public static let longest_bytes = 32 << 10
    private static let mostLines = 2000
    private static let longestLine_bytes = 2048
    private static let mostSections = 128
    /// Devices find each other by some ten; a thousand would each be asked for an answer.
    private static let mostCandidates = 64

    public let sections: [Section]
    private let lines: [String]

    public var text: String { lines.map { $0 + "\r\n" }.joined() }

    /// - Throws: `Flaw` for what no browser says.
    public init(_ text: String) throws(Flaw) {
        guard text.utf8.count <= Self.longest_bytes else { throw Flaw("is too long") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x0A || $0 == 0x0D }) else {
            throw Flaw("has control characters")
        }
        let lines = text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).map { String(Substring($0)) }
        guard lines.first == "v=0" else { throw Flaw("does not begin with v=0") }
        guard lines.count <= Self.mostLines, lines.allSatisfy({ $0.utf8.count <= Self.longestLine_bytes }) else {
            throw Flaw("has too many lines, or too long ones")
        }
        self.lines = try Self.narrowed(lines)
        sections = try Self.sections(of: self.lines)
        guard self.lines.contains(where: { $0.hasPrefix("a=fingerprint:sha-256 ") }) else {
            throw Flaw("has no fingerprint of SHA-256")
        }
    }

    private init(lines: [String], sections: [Section]) {
        self.lines = lines
        self.sections = sections
    }

    /// Without other fingerprints, of which a media server takes the last one for the only one, and without candidates that lead
    /// where nobody has to be asked.
    private static func narrowed(_ lines: [String]) throws(Flaw) -> [String] {
        var candidates = 0
        var narrowed: [String] = []
        for line in lines {
            if line.hasPrefix("a=fingerprint:"), !line.hasPrefix("a=fingerprint:sha-256 ") { continue }
            if line.hasPrefix("a=candidate:") {
                candidates += 1
                guard candidates <= mostCandidates else { throw Flaw("has too many candidates") }
                guard ICECandidate.mayBeAsked(line.dropFirst("a=".count)) else { continue }
            }
            narrowed.append(line)
        }
        return narrowed
    }

    private static func sections(of lines: [String]) throws(Flaw) -> [Section] {
        let starts = lines.indices.filter { lines[$0].hasPrefix("m=") }
        guard starts.count <= mostSections else { throw Flaw("has too many media sections") }
        var sections: [Section] = []
        var mids: Set<String> = []
        for (start, end) in zip(starts, starts.dropFirst() + [lines.endIndex]) {
            let section = try section(lines[start..<end])
            guard mids.insert(section.mid).inserted else { throw Flaw("has a mid twice") }
            sections.append(section)
        }
        return sections
    }

    private static func section(_ lines: ArraySlice<String>) throws(Flaw) -> Section {
        let words = (lines.first ?? "").dropFirst("m=".count).split(separator: " ")
        guard words.count >= 4, let medium = Section.Medium(rawValue: String(words[0])) else {
            throw Flaw("has a media section of another kind")
        }
        let mids = lines.filter { $0.hasPrefix("a=mid:") }.map { String($0.dropFirst("a=mid:".count)) }
        guard mids.count == 1, (1...32).contains(mids[0].utf8.count) else {
            throw Flaw("has a media section without mid, or with a long one")
        }
        let isSilent = lines.contains("a=recvonly") || lines.contains("a=inactive") || words[1] == "0"
        return Section(mid: mids[0], medium: medium, isSent: !isSilent)
    }

    /// Without candidates within a network that is closed to others, where the media server is reached from outside: nothing in
    /// its own network has to be asked for a stranger's sake. Whoever is there reaches it by themselves.
    func asked(from own: String) -> SessionDescription {
        guard !ICECandidate.isInner(own) else { return self }
        return SessionDescription(
            lines: lines.filter { line in
                !(ICECandidate.address(of: line.dropFirst("a=".count)).map(ICECandidate.isInner) ?? false)
            }, sections: sections)
    }

    /// As whoever offers says that it begins with DTLS itself.
    ///
    /// The other way round, the first words of the device come before Janus has chosen where they come from: it drops them, and
    /// the device says them again after a second.
    var beginningByItself: SessionDescription {
        SessionDescription(
            lines: lines.map { $0 == "a=setup:actpass" ? "a=setup:active" : $0 }, sections: sections)
    }

    /// Without candidates of other addresses, which a media server offers where its settings name none that it has.
    func offering(only address: String) -> SessionDescription {
        SessionDescription(
            lines: lines.filter { line in
                !line.hasPrefix("a=candidate:") || ICECandidate.address(of: line.dropFirst(2)) == address
            }, sections: sections)
    }

    /// The addresses that it offers.
    public var candidateAddresses: [String] {
        lines.filter { $0.hasPrefix("a=candidate:") }.compactMap { ICECandidate.address(of: $0.dropFirst(2)) }
    }
}

/// Where a device says that it can be reached (RFC 8839, section 5.1).
public enum ICECandidate {
    /// Whether a media server may be made to send something there. One that leads to the server's own machine, to a wire or to
    /// many would be asked for no device's sake.
    public static func mayBeAsked(_ candidate: some StringProtocol) -> Bool {
        guard let address = address(of: candidate) else { return false }
        if address.hasSuffix(".local") { return true }
        let lower = address.lowercased()
        if lower.contains(":") {
            let isMapped = lower.hasPrefix("::ffff:")
            return !isMapped && lower != "::" && lower != "::1" && !lower.hasPrefix("fe8") && !lower.hasPrefix("ff")
        }
        let numbers = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard numbers.count == 4, let first = numbers[0], let second = numbers[1], numbers.allSatisfy({ $0 != nil })
        else { return false }
        return first != 0 && first != 127 && first < 224 && !(first == 169 && second == 254)
    }

    /// The same for a media server that is reached by an address of its own.
    static func mayBeAsked(_ candidate: some StringProtocol, from own: String) -> Bool {
        mayBeAsked(candidate) && (isInner(own) || !(address(of: candidate).map(isInner) ?? false))
    }

    /// Whether an address is one of networks that are closed to others (RFC 1918, RFC 6598, RFC 4193).
    static func isInner(_ address: String) -> Bool {
        let lower = address.lowercased()
        if lower.contains(":") { return lower.hasPrefix("fc") || lower.hasPrefix("fd") }
        let numbers = address.split(separator: ".").compactMap { UInt8($0) }
        guard numbers.count == 4 else { return false }
        return switch (numbers[0], numbers[1]) {
        case (10, _), (172, 16...31), (192, 168), (100, 64...127): true
        default: false
        }
    }

    /// The fifth word of those that it has; nil where it is none.
    static func address(of candidate: some StringProtocol) -> String? {
        let words = candidate.split(separator: " ", maxSplits: 8)
        guard candidate.hasPrefix("candidate:"), words.count >= 8, words[6] == "typ", words[2].lowercased() == "udp",
            let port = Int(words[5]), (1...65_535).contains(port)
        else { return nil }
        return String(words[4])
    }
}

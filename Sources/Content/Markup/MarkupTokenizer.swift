import Kernel

/// What stands within a line, from left to right.
struct MarkupToken {
    enum Kind {
        case text
        /// What is whole in itself.
        case node(MarkupNode)
        /// A backslash and the sign that it makes plain.
        case escape
        /// What stands in pairs.
        case sign
        /// `[`, and whether the words of a link follow.
        case open(isLink: Bool)
        /// `](…)` after the words of a link.
        case close(address: String)
    }

    var kind: Kind
    let range: Range<Int>
}

/// Reads tokens, and looks at no place more than a few times, whatever the text is.
struct MarkupTokenizer {
    typealias Sign = MarkupSign
    typealias Characters = MarkupCharacters

    private static let escapable = Sign.units("\\`*_~|<>[]()#@:!.-")
    private static let notHost = Sign.units("/?#<>")
    /// What may stand in an address, but is not its end.
    private static let trailing = Sign.units(".,:;!?'~_([")
    private static let everyone = [Array("everyone".utf16), Array("here".utf16)]
    private static let longestRun = 3

    private let units: [UInt16]
    private var tokens: [MarkupToken] = []
    /// Which tokens `[` may still be the beginning of a link's words.
    private var brackets: [Int] = []
    /// By their length, where runs of backticks begin, and which of these is the next to be looked at.
    private var runs: [Int: (places: [Int], next: Int)]?
    private var parentheses: [Int: Int]?
    /// How many units were looked at.
    private(set) var steps = 0

    init(_ units: [UInt16]) {
        self.units = units
    }

    mutating func read() -> [MarkupToken] {
        var plain = 0
        var index = 0
        while index < units.count {
            guard let token = token(index) else {
                index += 1
                continue
            }
            index = token.range.upperBound
            if case .text = token.kind { continue }
            if plain < token.range.lowerBound {
                tokens.append(MarkupToken(kind: .text, range: plain..<token.range.lowerBound))
            }
            if case .open = token.kind { brackets.append(tokens.count) }
            tokens.append(token)
            plain = index
        }
        if plain < units.count { tokens.append(MarkupToken(kind: .text, range: plain..<units.count)) }
        return tokens
    }

    /// Nil before the text and behind it.
    private mutating func unit(_ index: Int) -> UInt16? {
        steps += 1
        return units.indices.contains(index) ? units[index] : nil
    }

    private mutating func isWord(_ index: Int) -> Bool { unit(index).map(Characters.isWord) ?? false }

    private func text(_ range: Range<Int>) -> String { String(decoding: units[range], as: UTF16.self) }

    private mutating func token(_ index: Int) -> MarkupToken? {
        switch unit(index) {
        case Sign.backtick: return code(index)
        case Sign.backslash:
            guard let next = unit(index + 1), Self.escapable.contains(next) else { return nil }
            return MarkupToken(kind: .escape, range: index..<index + 2)
        case Sign.less: return bracketed(index)
        case Sign.at: return everyone(index)
        case Sign.unit("h"), Sign.unit("H"): return address(index)
        case Sign.bracket: return MarkupToken(kind: .open(isLink: false), range: index..<index + 1)
        case Sign.bracketEnd: return close(index)
        case Sign.star, Sign.underscore:
            let end = endOfRun(index)
            // A longer run is a line across, or nothing.
            return MarkupToken(kind: end - index > Self.longestRun ? .text : .sign, range: index..<end)
        case Sign.tilde, Sign.bar:
            let isPair = unit(index + 1) == unit(index)
            return isPair ? MarkupToken(kind: .sign, range: index..<index + 2) : nil
        default: return nil
        }
    }

    private mutating func endOfRun(_ index: Int) -> Int {
        let first = unit(index)
        var end = index + 1
        while end < units.count, unit(end) == first { end += 1 }
        return end
    }

    // MARK: Code

    /// Code goes up to the next run of as many backticks.
    private mutating func code(_ index: Int) -> MarkupToken {
        let end = endOfRun(index)
        guard let closing = nextRun(of: end - index, from: end) else {
            return MarkupToken(kind: .text, range: index..<end)
        }
        var inside = end..<closing
        if inside.count > 1, units[inside.lowerBound] == Sign.space, units[inside.upperBound - 1] == Sign.space,
            !isBlank(inside)
        {
            inside = inside.lowerBound + 1..<inside.upperBound - 1
        }
        return MarkupToken(kind: .node(.codeSpan(text(inside))), range: index..<closing + (end - index))
    }

    /// Where the first run of exactly `length` backticks from a place on begins. Places are asked for in their order.
    private mutating func nextRun(of length: Int, from: Int) -> Int? {
        var runs = self.runs ?? allRuns()
        // Not held twice while it is changed, or each change would copy it.
        self.runs = nil
        defer { self.runs = runs }
        guard var found = runs.removeValue(forKey: length) else { return nil }
        while found.next < found.places.count, found.places[found.next] < from { found.next += 1 }
        let place = found.next < found.places.count ? found.places[found.next] : nil
        runs[length] = found
        return place
    }

    private mutating func allRuns() -> [Int: (places: [Int], next: Int)] {
        var runs: [Int: (places: [Int], next: Int)] = [:]
        var index = 0
        while index < units.count {
            guard unit(index) == Sign.backtick else {
                index += 1
                continue
            }
            let end = endOfRun(index)
            runs[end - index, default: ([], 0)].places.append(index)
            index = end
        }
        return runs
    }

    private mutating func isBlank(_ range: Range<Int>) -> Bool {
        for index in range where !(unit(index).map(Characters.isSpace) ?? true) { return false }
        return true
    }

    // MARK: Mentions

    private mutating func bracketed(_ index: Int) -> MarkupToken? {
        let found: (MarkupNode, Int)? =
            switch unit(index + 1) {
            case Sign.at where unit(index + 2) == Sign.and:
                id(index + 3).map { (.role(RoleID(rawValue: $0.value)), $0.end) }
            case Sign.at: id(index + 2).map { (.user(UserID(rawValue: $0.value)), $0.end) }
            case Sign.hash: id(index + 2).map { (.channel(ChannelID(rawValue: $0.value)), $0.end) }
            case Sign.colon: emoji(index + 2, isAnimated: false)
            case Sign.unit("a") where unit(index + 2) == Sign.colon: emoji(index + 3, isAnimated: true)
            case Sign.unit("t") where unit(index + 2) == Sign.colon: time(index + 3)
            default: nil
            }
        if let (node, end) = found { return MarkupToken(kind: .node(node), range: index..<end) }
        // An address in brackets stays without a preview.
        guard let end = endOfBracketedAddress(index) else { return nil }
        return MarkupToken(kind: .node(link(index + 1..<end, isQuiet: true)), range: index..<end + 1)
    }

    /// Digits from a place on.
    private mutating func digits(_ index: Int, most: Int) -> Range<Int> {
        var end = index
        while end - index < most, let unit = unit(end), Characters.isDigit(unit) { end += 1 }
        return index..<end
    }

    /// An id up to a `>`, and the place behind that.
    private mutating func id(_ index: Int) -> (value: Int64, end: Int)? {
        let digits = digits(index, most: 19)
        guard !digits.isEmpty, unit(index) != Sign.unit("0"), unit(digits.upperBound) == Sign.greater,
            let value = Int64(text(digits))
        else { return nil }
        return (value, digits.upperBound + 1)
    }

    private mutating func emoji(_ index: Int, isAnimated: Bool) -> (MarkupNode, Int)? {
        var end = index
        while end - index < 32, let unit = unit(end),
            Characters.isDigit(unit) || (0x61...0x7A).contains(unit) || unit == Sign.underscore
        {
            end += 1
        }
        guard end - index >= 2, unit(end) == Sign.colon, let id = id(end + 1) else { return nil }
        return (.emoji(name: text(index..<end), id: id.value, isAnimated: isAnimated), id.end)
    }

    private mutating func time(_ index: Int) -> (MarkupNode, Int)? {
        let digits = digits(unit(index) == Sign.minus ? index + 1 : index, most: 12)
        guard !digits.isEmpty, let seconds = Int64(text(index..<digits.upperBound)) else { return nil }
        var end = digits.upperBound
        var style = "f"
        if unit(end) == Sign.colon, let letter = unit(end + 1), "tTdDfFR".utf16.contains(letter) {
            style = text(end + 1..<end + 2)
            end += 2
        }
        return unit(end) == Sign.greater ? (.time(seconds: seconds, style: style), end + 1) : nil
    }

    /// `@everyone` and `@here`, which may stand between underscores, but not within a word or an address of mail.
    private mutating func everyone(_ index: Int) -> MarkupToken? {
        let rest = units[(index + 1)...]
        guard let name = Self.everyone.first(where: { rest.starts(with: $0) }), !isWord(index - 1) else { return nil }
        let end = index + 1 + name.count
        var after = end
        while unit(after) == Sign.underscore { after += 1 }
        if isWord(after) { return nil }
        return MarkupToken(kind: .node(.everyone(text(index + 1..<end))), range: index..<end)
    }

    // MARK: Addresses

    private func link(_ range: Range<Int>, isQuiet: Bool) -> MarkupNode {
        let address = text(range)
        return .link(address: address, isQuiet: isQuiet, words: [.text(address)])
    }

    /// Where the host of an address begins whose `http://` is here.
    private mutating func host(_ index: Int) -> Int? {
        guard matches("http", index) else { return nil }
        let isSecure = matches("s", index + 4)
        let host = index + (isSecure ? 8 : 7)
        // The host is not empty: no path, question or fragment stands in its place.
        guard matches("://", host - 3), let first = unit(host), !Characters.isSpace(first),
            !Self.notHost.contains(first)
        else { return nil }
        return host
    }

    private mutating func matches(_ word: StaticString, _ index: Int) -> Bool {
        word.withUTF8Buffer { letters in
            for (place, letter) in letters.enumerated() {
                guard var unit = unit(index + place) else { return false }
                if (0x41...0x5A).contains(unit) { unit += 0x20 }
                if unit != UInt16(letter) { return false }
            }
            return true
        }
    }

    /// An address in a sentence takes neither the sentence's signs along nor brackets that were opened before it.
    private mutating func address(_ index: Int) -> MarkupToken? {
        guard let host = host(index), !isWord(index - 1) else { return nil }
        var end = host
        var open = (parentheses: 0, brackets: 0)
        scan: while let unit = unit(end), !Characters.endsAddress(unit) {
            switch unit {
            case Sign.tilde where self.unit(end + 1) == Sign.tilde: break scan
            case Sign.parenthesis: open.parentheses += 1
            case Sign.parenthesisEnd: open.parentheses -= 1
            case Sign.bracket: open.brackets += 1
            case Sign.bracketEnd: open.brackets -= 1
            default: break
            }
            if open.parentheses < 0 || open.brackets < 0 { break }
            end += 1
        }
        while end > host, let last = unit(end - 1), Self.trailing.contains(last) { end -= 1 }
        return end > host
            ? MarkupToken(kind: .node(link(index..<end, isQuiet: false)), range: index..<end) : nil
    }

    /// Where the `>` stands of an address whose `<` is here.
    private mutating func endOfBracketedAddress(_ index: Int) -> Int? {
        guard var end = host(index + 1) else { return nil }
        while let unit = unit(end), !Characters.isSpace(unit), unit != Sign.less, unit != Sign.greater { end += 1 }
        return unit(end) == Sign.greater ? end : nil
    }

    // MARK: Links with words

    /// `](https://…)` ends the words of the link that the last open `[` began.
    private mutating func close(_ index: Int) -> MarkupToken? {
        guard let open = brackets.popLast(), unit(index + 1) == Sign.parenthesis,
            !isBlank(tokens[open].range.upperBound..<index), let target = target(index + 1)
        else { return nil }
        tokens[open].kind = .open(isLink: true)
        // There are no links within links.
        brackets = []
        return MarkupToken(kind: .close(address: text(target.address)), range: index..<target.end)
    }

    private mutating func target(_ index: Int) -> (address: Range<Int>, end: Int)? {
        if unit(index + 1) == Sign.less {
            guard let end = endOfBracketedAddress(index + 1), unit(end + 1) == Sign.parenthesisEnd else { return nil }
            return (index + 2..<end, end + 2)
        }
        guard let end = matchingParenthesis(index), let host = host(index + 1), host < end else { return nil }
        return (index + 1..<end, end + 1)
    }

    /// Where the parenthesis is closed that opens here, with no space and no `<>` between.
    private mutating func matchingParenthesis(_ index: Int) -> Int? {
        if let parentheses { return parentheses[index] }
        var pairs: [Int: Int] = [:]
        var open: [Int] = []
        for place in units.indices {
            switch unit(place) {
            case Sign.parenthesis: open.append(place)
            case Sign.parenthesisEnd: if let start = open.popLast() { pairs[start] = place }
            case Sign.less, Sign.greater: open = []
            case let unit?: if Characters.isSpace(unit) { open = [] }
            case nil: break
            }
        }
        parentheses = pairs
        return pairs[index]
    }
}

/// Reads the blocks of a message: paragraphs, headings, quotes, lists, code, and spoilers that go over several of these.
struct MarkupBlockParser {
    typealias Sign = MarkupSign
    /// Where a line stands in the text.
    typealias Line = Range<Int>

    /// Quotes, lists and spoilers nest no deeper than this; what is deeper is text.
    private static let deepest = 6
    private static let fenceLength = 3
    private static let hiddenLength = 2
    private static let deepestIndent = 8
    private static let longestNumber = 4

    /// A block, with what stands in its first line before it and in its last line behind it.
    private struct Block {
        let node: MarkupNode
        var before: Line?
        var after: Line?
        /// The first line that is not part of it.
        let next: Int
    }

    /// The beginning of a list's item.
    private struct ItemSign {
        let indent: Int
        let number: Int?
        /// Where the item's text begins.
        let start: Int
    }

    private let units: [UInt16]
    /// How many units were looked at, so that a test can hold it against the length.
    private(set) var steps = 0

    init(_ text: String) {
        units = Array(text.utf16)
    }

    mutating func parse() -> [MarkupNode] { parse(lines(), depth: 0) }

    private mutating func unit(_ index: Int) -> UInt16 {
        steps += 1
        return units[index]
    }

    private mutating func lines() -> [Line] {
        var lines: [Line] = []
        var start = 0
        for index in units.indices where unit(index) == Sign.lineFeed {
            let isReturn = index > start && units[index - 1] == Sign.carriageReturn
            lines.append(start..<(isReturn ? index - 1 : index))
            start = index + 1
        }
        lines.append(start..<units.count)
        return lines
    }

    private mutating func parse(_ lines: [Line], depth: Int) -> [MarkupNode] {
        var blocks: [MarkupNode] = []
        var paragraph: [Line] = []
        func finish(_ parser: inout Self) {
            if !paragraph.isEmpty { blocks.append(.paragraph(parser.inline(paragraph))) }
            paragraph = []
        }
        var fences = FenceFinder()
        var index = 0
        while index < lines.count {
            if let block = block(lines, index, depth, &fences) {
                if let before = block.before { paragraph.append(before) }
                finish(&self)
                blocks.append(block.node)
                if let after = block.after { paragraph.append(after) }
                index = block.next
            } else {
                if isBlank(lines[index]) { finish(&self) } else { paragraph.append(lines[index]) }
                index += 1
            }
        }
        finish(&self)
        return blocks
    }

    private mutating func block(
        _ lines: [Line], _ index: Int, _ depth: Int, _ fences: inout FenceFinder
    ) -> Block? {
        if let code = code(lines, index, &fences) { return code }
        if depth < Self.deepest,
            let nested = hidden(lines, index, depth) ?? quote(lines, index, depth) ?? list(lines, index, depth)
        {
            return nested
        }
        return heading(lines[index], index)
    }

    private mutating func inline(_ lines: [Line]) -> [MarkupNode] {
        var text: [UInt16] = []
        for (number, line) in lines.enumerated() {
            if number > 0 { text.append(Sign.lineFeed) }
            text.append(contentsOf: units[line])
        }
        var tokenizer = MarkupTokenizer(text)
        let tokens = tokenizer.read()
        steps += tokenizer.steps
        return MarkupTreeBuilder.tree(of: tokens, in: text)
    }

    // MARK: What lines begin with

    private mutating func isBlank(_ line: Line) -> Bool {
        for index in line where !MarkupCharacters.isSpace(unit(index)) { return false }
        return true
    }

    private mutating func endOfRun(_ sign: UInt16, _ line: Line, most: Int = .max) -> Int {
        var end = line.lowerBound
        while end < line.upperBound, end - line.lowerBound < most, unit(end) == sign { end += 1 }
        return end
    }

    /// Where `length` of a sign first stand together.
    private mutating func firstRun(of sign: UInt16, _ length: Int, in line: Line) -> Int? {
        var found = 0
        for index in line {
            found = unit(index) == sign ? found + 1 : 0
            if found == length { return index + 1 - length }
        }
        return nil
    }

    private mutating func fence(in line: Line) -> Int? { firstRun(of: Sign.backtick, Self.fenceLength, in: line) }

    private mutating func spoilerSign(in line: Line) -> Int? { firstRun(of: Sign.bar, Self.hiddenLength, in: line) }

    /// Behind `> `.
    private mutating func quoted(_ line: Line) -> Line? {
        guard !line.isEmpty, unit(line.lowerBound) == Sign.greater else { return nil }
        let inside = line.dropFirst()
        return !inside.isEmpty && unit(inside.lowerBound) == Sign.space ? inside.dropFirst() : inside
    }

    /// One to three `#`, spaces and words.
    private mutating func headingSign(_ line: Line) -> (level: Int, start: Int)? {
        let end = endOfRun(Sign.hash, line, most: 3)
        let start = endOfRun(Sign.space, end..<line.upperBound)
        guard end > line.lowerBound, start > end, start < line.upperBound else { return nil }
        return (end - line.lowerBound, start)
    }

    private mutating func itemSign(_ line: Line) -> ItemSign? {
        let sign = endOfRun(Sign.space, line, most: Self.deepestIndent)
        guard sign < line.upperBound else { return nil }
        var end = sign
        var number: Int?
        if unit(sign) == Sign.minus || unit(sign) == Sign.star {
            end += 1
        } else {
            while end < line.upperBound, end - sign < Self.longestNumber, MarkupCharacters.isDigit(unit(end)) {
                number = (number ?? 0) * 10 + Int(units[end] - Sign.unit("0"))
                end += 1
            }
            guard number != nil, end < line.upperBound,
                unit(end) == Sign.unit(".") || unit(end) == Sign.parenthesisEnd
            else { return nil }
            end += 1
        }
        let start = endOfRun(Sign.space, end..<line.upperBound)
        return start > end ? ItemSign(indent: sign - line.lowerBound, number: number, start: start) : nil
    }

    /// Whether a line is indented and so goes on with the item before it.
    private mutating func isContinuation(_ line: Line) -> Bool {
        let end = endOfRun(Sign.space, line)
        return end - line.lowerBound >= 2 && end < line.upperBound && !MarkupCharacters.isSpace(unit(end))
    }

    /// What remains of a line, when it is not blank.
    private mutating func remains(_ line: Line, from start: Int) -> Line? {
        let rest = start..<line.upperBound
        return isBlank(rest) ? nil : rest
    }

    // MARK: Headings, quotes and lists

    private mutating func heading(_ line: Line, _ index: Int) -> Block? {
        guard let (level, start) = headingSign(line) else { return nil }
        return Block(node: .heading(level: level, inline([start..<line.upperBound])), next: index + 1)
    }

    private mutating func quote(_ lines: [Line], _ index: Int, _ depth: Int) -> Block? {
        var inside: [Line] = []
        while index + inside.count < lines.count, let line = quoted(lines[index + inside.count]) { inside.append(line) }
        guard !inside.isEmpty else { return nil }
        return Block(node: .quote(parse(inside, depth: depth + 1)), next: index + inside.count)
    }

    private mutating func list(_ lines: [Line], _ index: Int, _ depth: Int) -> Block? {
        guard let first = itemSign(lines[index]) else { return nil }
        var items: [[Line]] = []
        var next = index
        while next < lines.count {
            let line = lines[next]
            let sign = itemSign(line)
            if let sign, sign.indent <= first.indent {
                items.append([sign.start..<line.upperBound])
            } else if sign != nil || isContinuation(line) {
                let start = endOfRun(Sign.space, line, most: first.indent + 2)
                items[items.count - 1].append(start..<line.upperBound)
            } else {
                break
            }
            next += 1
        }
        return Block(
            node: .list(start: first.number, items: items.map { parse($0, depth: depth + 1) }), next: next)
    }

    // MARK: Code

    /// Finds the next line with three backticks.
    private struct FenceFinder {
        private var next: [Int?]?

        mutating func line(from index: Int, _ lines: [Line], _ parser: inout MarkupBlockParser) -> Int? {
            if next == nil {
                var found = [Int?](repeating: nil, count: lines.count + 1)
                for place in lines.indices.reversed() {
                    found[place] = parser.fence(in: lines[place]) != nil ? place : found[place + 1]
                }
                next = found
            }
            return next?[index]
        }
    }

    /// Code from three backticks to the next three: within a line, or from the beginning of one to a later one.
    private mutating func code(_ lines: [Line], _ index: Int, _ fences: inout FenceFinder) -> Block? {
        let line = lines[index]
        guard let place = firstRun(of: Sign.backtick, 1, in: line), isFence(place, line) else { return nil }
        let before = line.lowerBound..<place
        let isBare = isBlank(before)
        let inside = place + Self.fenceLength..<line.upperBound
        if let end = fence(in: inside) {
            return Block(
                node: .code(language: "", text(inside.lowerBound..<end)), before: isBare ? nil : before,
                after: remains(line, from: end + Self.fenceLength), next: index + 1)
        }
        guard isBare, let last = fences.line(from: index + 1, lines, &self) else { return nil }
        return code(lines, inside, index + 1..<last)
    }

    /// - Parameters:
    ///   - first: what stands behind the opening fence.
    ///   - between: the lines between those of the two fences.
    private mutating func code(_ lines: [Line], _ first: Line, _ between: Range<Int>) -> Block? {
        let last = lines[between.upperBound]
        guard let end = fence(in: last) else { return nil }
        var inside = lines[between].map { text($0) }
        let language = language(first)
        if language == nil { inside.insert(text(first), at: 0) }
        let final = last.lowerBound..<end
        if !isBlank(final) { inside.append(text(final)) }
        return Block(
            node: .code(language: language ?? "", inside.joined(separator: "\n")),
            after: remains(last, from: end + Self.fenceLength), next: between.upperBound + 1)
    }

    private mutating func text(_ line: Line) -> String {
        steps += line.count
        return String(decoding: units[line], as: UTF16.self)
    }

    /// Whether exactly three backticks are here, and are neither escaped nor within a spoiler of the line.
    private mutating func isFence(_ place: Int, _ line: Line) -> Bool {
        guard endOfRun(Sign.backtick, place..<line.upperBound) == place + Self.fenceLength else { return false }
        var escapes = 0
        while place - escapes > line.lowerBound, unit(place - escapes - 1) == Sign.backslash { escapes += 1 }
        var isHidden = false
        var rest = line.lowerBound..<place
        while let sign = spoilerSign(in: rest) {
            isHidden.toggle()
            rest = sign + Self.hiddenLength..<place
        }
        return escapes.isMultiple(of: 2) && !isHidden
    }

    /// The language that stands behind a fence, be it with attributes; nil when that is a line of the code.
    private mutating func language(_ line: Line) -> String? {
        steps += line.count
        let words = units[line].split(whereSeparator: MarkupCharacters.isSpace)
        let areAttributes = words.dropFirst().allSatisfy {
            $0.contains(Sign.unit("=")) || $0.first == Sign.unit("{") || $0.last == Sign.unit("}")
        }
        guard areAttributes, !units[line].contains(Sign.backtick) else { return nil }
        guard let first = words.first else { return "" }
        let isName = first.allSatisfy { $0 < 0x80 && (MarkupCharacters.isLetter($0) || "+#.-".utf16.contains($0)) }
        return isName ? String(decoding: first, as: UTF16.self) : nil
    }

    // MARK: Spoilers

    /// A spoiler that begins a line and goes on over blocks, which it hides with all that is in them. What stays within a
    /// paragraph is a matter of the tokenizer.
    private mutating func hidden(_ lines: [Line], _ index: Int, _ depth: Int) -> Block? {
        let first = lines[index]
        let start = endOfRun(Sign.bar, first, most: Self.hiddenLength)
        guard start == first.lowerBound + Self.hiddenLength, spoilerSign(in: start..<first.upperBound) == nil,
            let end = endOfHidden(lines, index), isOverBlocks(lines, index...end.line)
        else { return nil }
        let last = lines[end.line]
        let inside = [start..<first.upperBound] + lines[(index + 1)..<end.line] + [last.lowerBound..<end.place]
        let children = parse(inside, depth: depth + 1)
        guard !children.isEmpty else { return nil }
        return Block(
            node: .hidden(children), after: remains(last, from: end.place + Self.hiddenLength), next: end.line + 1)
    }

    /// The first `||` of a later line that is not within code.
    private mutating func endOfHidden(_ lines: [Line], _ index: Int) -> (line: Int, place: Int)? {
        var isInCode = false
        for number in index..<lines.count {
            var rest = lines[number]
            if number == index { rest = rest.dropFirst(Self.hiddenLength) }
            while true {
                let fence = fence(in: rest)
                if !isInCode, let sign = spoilerSign(in: rest.lowerBound..<(fence ?? rest.upperBound)) {
                    return (number, sign)
                }
                guard let fence else { break }
                isInCode.toggle()
                rest = fence + Self.fenceLength..<rest.upperBound
            }
        }
        return nil
    }

    /// Whether one of the lines is, or ends, a block of its own.
    private mutating func isOverBlocks(_ lines: [Line], _ range: ClosedRange<Int>) -> Bool {
        for number in range {
            let line = lines[number]
            if fence(in: line) != nil { return true }
            if number == range.lowerBound { continue }
            if isBlank(line) || quoted(line) != nil || headingSign(line) != nil || itemSign(line) != nil { return true }
        }
        return false
    }
}

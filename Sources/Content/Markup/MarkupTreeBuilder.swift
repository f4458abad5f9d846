/// Makes a tree of the tokens of a text.
struct MarkupTreeBuilder {
    typealias Sign = MarkupSign

    /// Nodes of which a text at the end may still grow.
    private struct Content {
        private var nodes: [MarkupNode] = []
        private var text: [UInt16] = []

        mutating func add(_ units: some Sequence<UInt16>) { text.append(contentsOf: units) }

        mutating func add(_ node: MarkupNode) {
            if case .text(let added) = node { return add(added.utf16) }
            finish()
            nodes.append(node)
        }

        private mutating func finish() {
            guard !text.isEmpty else { return }
            nodes.append(.text(String(decoding: text, as: UTF16.self)))
            text.removeAll(keepingCapacity: true)
        }

        func finished() -> [MarkupNode] {
            var content = self
            content.finish()
            return content.nodes
        }
    }

    /// What was opened and is not closed: the whole, the words of a link, or a sign.
    private struct Item {
        let sign: UInt16
        var width: Int
        /// Where its content begins.
        let start: Int
        var content = Content()
    }

    private let units: [UInt16]
    private var open: [Item] = [Item(sign: 0, width: 0, start: 0)]
    /// The first of `open` that can be closed: what is outside a link is not closed within it.
    private var base = 1

    private init(_ units: [UInt16]) {
        self.units = units
    }

    static func tree(of tokens: [MarkupToken], in units: [UInt16]) -> [MarkupNode] {
        var builder = MarkupTreeBuilder(units)
        for token in tokens { builder.take(token) }
        while builder.open.count > 1 { builder.giveUp() }
        return builder.open[0].content.finished()
    }

    private var isInLink: Bool { base > 1 }

    private mutating func take(_ token: MarkupToken) {
        switch token.kind {
        case .text, .open(isLink: false): addText(token.range)
        case .escape: addText(token.range.dropFirst())
        case .node(let node): add(node, at: token.range)
        case .sign: sign(token.range)
        case .open(isLink: true):
            open.append(Item(sign: Sign.bracket, width: 1, start: token.range.upperBound))
            base = open.count
        case .close(let address): closeLink(address)
        }
    }

    private mutating func addText(_ range: Range<Int>) { open[open.count - 1].content.add(units[range]) }

    private mutating func add(_ node: MarkupNode) { open[open.count - 1].content.add(node) }

    private mutating func addSign(_ sign: UInt16, _ width: Int) {
        open[open.count - 1].content.add(repeatElement(sign, count: width))
    }

    private mutating func add(_ node: MarkupNode, at range: Range<Int>) {
        // The words of a link are words: they are no other link, and speak to nobody.
        switch node {
        case .link(let address, _, _) where isInLink: add(.text(address))
        case .user, .role, .channel, .everyone: isInLink ? addText(range) : add(node)
        default: add(node)
        }
    }

    private mutating func closeLink(_ address: String) {
        while open.count > base { giveUp() }
        let words = open.removeLast().content.finished()
        base = 1
        add(.link(address: address, isQuiet: false, words: words))
    }

    // MARK: Signs in pairs

    private mutating func sign(_ range: Range<Int>) {
        let sign = units[range.lowerBound]
        let before = range.lowerBound > 0 ? units[range.lowerBound - 1] : nil
        let after = range.upperBound < units.count ? units[range.upperBound] : nil
        var width = range.count
        if mayClose(sign, before, after) {
            while width > 0, let used = closeSign(sign, width, at: range.lowerBound) { width -= used }
        }
        guard width > 0 else { return }
        if mayOpen(sign, before, after), !isOpen(sign, width) {
            open.append(Item(sign: sign, width: width, start: range.upperBound))
        } else {
            addSign(sign, width)
        }
    }

    /// A spoiler may have spaces at its edges: what is meant to be hidden is better hidden.
    private func mayClose(_ sign: UInt16, _ before: UInt16?, _ after: UInt16?) -> Bool {
        if sign == Sign.bar { return true }
        guard let before, !MarkupCharacters.isSpace(before) else { return false }
        let isWithinWord = MarkupCharacters.isLetter(before) && (after.map(MarkupCharacters.isLetter) ?? false)
        return sign != Sign.underscore || !isWithinWord
    }

    private func mayOpen(_ sign: UInt16, _ before: UInt16?, _ after: UInt16?) -> Bool {
        guard let after else { return false }
        if sign == Sign.bar { return true }
        let isAfterLetter = before.map(MarkupCharacters.isLetter) ?? false
        return !MarkupCharacters.isSpace(after) && !(sign == Sign.underscore && isAfterLetter)
    }

    /// Whether a sign of this width is open, alone or as a part of one of three.
    private func isOpen(_ sign: UInt16, _ width: Int) -> Bool {
        open[base...].contains { $0.sign == sign && ($0.width == width || $0.width == 3 || width == 3) }
    }

    /// Closes the innermost fitting sign.
    /// - Returns: the width that was used up; nil when there is none.
    private mutating func closeSign(_ sign: UInt16, _ width: Int, at place: Int) -> Int? {
        let fitting = open[base...].lastIndex {
            $0.sign == sign && $0.start < place && (width == 3 || $0.width == width || $0.width == 3)
        }
        guard let fitting else { return nil }
        while open.count - 1 > fitting { giveUp() }
        var item = open.removeLast()
        let used = min(width, item.width)
        var node = MarkupNode.styled(Self.style(sign, min(used, 2)), item.content.finished())
        if used == 3 { node = .styled(Self.style(sign, 2), [.styled(.emphasis, item.content.finished())]) }
        if item.width > used {
            // Of three signs the inner ones are closed; the outer go on.
            item.content = Content()
            item.content.add(node)
            item.width -= used
            open.append(item)
        } else {
            add(node)
        }
        return used
    }

    private static func style(_ sign: UInt16, _ width: Int) -> MarkupNode.Style {
        switch sign {
        case Sign.tilde: .strike
        case Sign.bar: .spoiler
        default: width == 1 ? .emphasis : sign == Sign.star ? .strong : .underline
        }
    }

    /// What was opened and never closed is text.
    private mutating func giveUp() {
        let item = open.removeLast()
        addSign(item.sign, item.width)
        for node in item.content.finished() { add(node) }
    }
}

/// The elements of an XML document with their texts: what S3's answers ask for, and no more. Attributes, namespaces and document types
/// are passed over; entities are the five of XML 1.0 and numbers.
///
/// Foundation's parser ends the program on some documents, and an answer comes from outside.
struct XMLElements {
    /// In the order in which they end, so that children come before what holds them; empty when the document is broken.
    let all: [(name: String, text: String)]

    private static let maximumDepth = 32

    init(_ bytes: some Collection<UInt8>) {
        guard let document = String(validating: bytes, as: UTF8.self) else {
            all = []
            return
        }
        all = Self.read(Array(document.unicodeScalars)) ?? []
    }

    private static func read(_ document: [Unicode.Scalar]) -> [(name: String, text: String)]? {
        var elements: [(name: String, text: String)] = []
        var open: [(name: String, text: String.UnicodeScalarView)] = []
        var rest = document[...]
        if rest.first == "\u{FEFF}" { rest = rest.dropFirst() }
        while let next = rest.first {
            guard next == "<" else {
                let text = rest.prefix { $0 != "<" }
                rest = rest.dropFirst(text.count)
                guard !open.isEmpty else { continue }
                open[open.count - 1].text.append(contentsOf: unescaped(text))
                continue
            }
            if let inner = take(&rest, from: "<![CDATA[", to: "]]>") {
                guard !open.isEmpty else { return nil }
                open[open.count - 1].text.append(contentsOf: inner)
            } else if take(&rest, from: "<!--", to: "-->") != nil || take(&rest, from: "<?", to: "?>") != nil
                || take(&rest, from: "<!", to: ">") != nil
            {
                continue
            } else if let name = take(&rest, from: "</", to: ">") {
                guard let element = open.popLast(), element.name == local(name) else { return nil }
                elements.append((element.name, String(element.text)))
            } else if let tag = take(&rest, from: "<", to: ">") {
                let name = local(tag.prefix { !isSpace($0) && $0 != "/" })
                guard !name.isEmpty, open.count < maximumDepth else { return nil }
                if tag.last == "/" {
                    elements.append((name, ""))
                } else {
                    open.append((name, String.UnicodeScalarView()))
                }
            } else {
                return nil
            }
        }
        return open.isEmpty ? elements : nil
    }

    private static func take(
        _ rest: inout ArraySlice<Unicode.Scalar>, from start: String, to end: String
    ) -> ArraySlice<Unicode.Scalar>? {
        let (start, end) = (Array(start.unicodeScalars), Array(end.unicodeScalars))
        guard rest.starts(with: start) else { return nil }
        let inner = rest.dropFirst(start.count)
        guard let found = inner.indices.first(where: { inner[$0] == end[0] && inner[$0...].starts(with: end) }) else {
            return nil
        }
        rest = inner[found...].dropFirst(end.count)
        return inner[..<found]
    }

    /// Without the prefix of a namespace.
    private static func local(_ name: ArraySlice<Unicode.Scalar>) -> String {
        let name = name.prefix { !isSpace($0) }
        return String(String.UnicodeScalarView(name.lastIndex(of: ":").map { name[$0...].dropFirst() } ?? name))
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t"
    }

    private static let entities: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
    ]
    private static let longestEntity = 10

    private static func unescaped(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        guard text.contains("&") else { return Array(text) }
        var result: [Unicode.Scalar] = []
        var rest = text
        while let next = rest.first {
            rest = rest.dropFirst()
            let name = rest.prefix(longestEntity).prefix { $0 != ";" }
            guard next == "&", rest.dropFirst(name.count).first == ";",
                let scalar = scalar(String(String.UnicodeScalarView(name)))
            else {
                result.append(next)
                continue
            }
            result.append(scalar)
            rest = rest.dropFirst(name.count + 1)
        }
        return result
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return entities[name] }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        return number.flatMap(Unicode.Scalar.init)
    }
}

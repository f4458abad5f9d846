import Kernel

/// An address that a client may open: http or https, nothing that could run in the page.
package enum WebLink {
    package static let reader = JSONReader.string(1...2048)
        .checked("must be an http or https address") { (text: String) -> String? in isValid(text) ? text : nil }

    /// Of what people write into forms about themselves: shorter, and nobody's name stands before the host, as in
    /// `https://bank.example@evil.example`, where it looks like one.
    package static let plain = JSONReader.string(1...300)
        .checked("must be an http or https address without a user's name") { (text: String) -> String? in
            isValid(text) && !namesUser(text) ? text : nil
        }

    package static func isValid(_ text: String) -> Bool {
        let lowercase = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowercase.hasPrefix) else { return false }
        let rest = lowercase.dropFirst(scheme.count)
        // By bytes, as browsers read it: a slash may be a part of a character.
        guard let first = rest.utf8.first, !"/:".utf8.contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .format && !"<>\"\\^`{|}".unicodeScalars.contains(scalar)
        }
    }

    private static func namesUser(_ text: String) -> Bool {
        let slash = UInt8(ascii: "/")
        let rest = text.utf8.drop { $0 != slash }.drop { $0 == slash }
        return rest.prefix { !"/?#".utf8.contains($0) }.contains(UInt8(ascii: "@"))
    }
}

import Foundation
import Kernel

/// One thing that an operator can set. The table of these is what the program reads, what `aviary config` prints and
/// what the documentation lists. A feature declares its own in its folder (`Feature.settings`).
public struct Setting: Sendable {
    public enum Kind: Sendable {
        case text
        case integer(ClosedRange<Int>)
        case boolean
        case choice([String])
        /// `http://` or `https://`, a host and perhaps a port.
        case url
        case rates
        /// Separated by commas.
        case names
    }

    /// `rate_limiting.enabled`; in the environment `AVIARY_RATE_LIMITING_ENABLED`.
    public let key: String
    public let kind: Kind
    /// Empty: nothing.
    public let fallback: String
    public let explanation: String
    /// Never printed.
    public let isSecret: Bool

    package init(_ key: String, _ kind: Kind, default fallback: String, _ explanation: String, isSecret: Bool = false) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.explanation = explanation
        self.isSecret = isSecret
    }

    public var environmentName: String {
        "AVIARY_" + key.uppercased().replacing(".", with: "_")
    }

    /// Says what is wrong with a value; nil when nothing is.
    package func problem(with value: String) -> String? {
        switch kind {
        case .text: nil
        case .integer(let range):
            Int(value).map(range.contains) == true
                ? nil : "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: ["true", "false"].contains(value) ? nil : "must be true or false"
        case .url: value.isEmpty || Self.isOrigin(value) ? nil : "must look like https://chat.example.org"
        case .names: Self.areNames(value) ? nil : "must be names of a-z, 0-9 and _, separated by commas"
        case .rates: Rate.list(value) == nil ? "must look like 5/min or 5/5s+3, 20/h" : nil
        case .choice(let choices): choices.contains(value) ? nil : "must be one of \(choices.joined(separator: ", "))"
        }
    }

    private static func areNames(_ text: String) -> Bool {
        let isPlain = { (character: Character) in
            character.isASCII && (character.isLowercase || character.isNumber || character == "_")
        }
        return names(text).allSatisfy { $0.allSatisfy(isPlain) } && Set(names(text)).count == names(text).count
    }

    package static func names(_ text: String) -> [String] {
        text.filter { $0 != " " }.split(separator: ",").map(String.init)
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme) && url.path.isEmpty && url.query == nil && url.user == nil
    }
}

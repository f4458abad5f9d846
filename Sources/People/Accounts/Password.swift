import Foundation
import Kernel

/// A password, in the form in which passwords are compared (RFC 8265, profile OpaqueString): composed (NFC), with a plain space
/// for every kind of space, and otherwise as it was typed. So a password is the same from every keyboard.
package struct Password: Sendable, CustomStringConvertible {
    /// What is hashed.
    let prepared: String
    /// What was typed, where that is another text.
    let typed: String?

    package init(_ typed: String) {
        let spaced = String(
            String.UnicodeScalarView(
                typed.unicodeScalars.map { $0.properties.generalCategory == .spaceSeparator ? " " : $0 }))
        prepared = spaced.precomposedStringWithCanonicalMapping
        // Swift takes strings for equal that only look the same.
        self.typed = prepared.utf8.elementsEqual(typed.utf8) ? nil : typed
    }

    /// Every route reads passwords by this.
    package static let input = JSONReader<Password>.passwordText

    /// Never what it is.
    package var description: String { "password" }
}

extension JSONReader where Value == Password {
    fileprivate static let passwordText = JSONReader<String>.string(0...1024).checked("must be a text") { Password($0) }
}

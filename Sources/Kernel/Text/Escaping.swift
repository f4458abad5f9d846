extension String {
    /// Writes something else for some signs, wherever they stand.
    ///
    /// Not by `replacing(_:with:)`, which looks for characters: a sign with a mark upon it (`<` and U+0338), or behind a letter that
    /// takes to the next one (U+0D4E and `<`), is a part of another character, and would stay.
    public func escaping(_ signs: [Unicode.Scalar: String]) -> String {
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            if let written = signs[scalar] {
                result.append(contentsOf: written.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// For texts and attributes of HTML and SVG.
    public var escapedForHTML: String { escaping(Self.signsOfHTML) }

    private static let signsOfHTML: [Unicode.Scalar: String] = [
        "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;",
    ]

    /// Whether any of these signs stands in it, be it as a part of a character.
    public func holds(anyOf signs: Set<Unicode.Scalar>) -> Bool { unicodeScalars.contains(where: signs.contains) }
}

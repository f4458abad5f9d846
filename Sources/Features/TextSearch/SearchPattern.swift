/// Something that is looked for in a sequence, by the algorithm of Knuth, Morris and Pratt: the time is that of reading the
/// sequence once, whatever the two consist of.
struct SearchPattern<Element: Equatable & Sendable>: Sendable {
    private let elements: [Element]
    /// How much of the pattern still fits, when what came after so much of it does not.
    private let fallbacks: [Int]

    init(_ elements: [Element]) {
        self.elements = elements
        var fallbacks = [Int](repeating: 0, count: elements.count)
        var length = 0
        for index in elements.indices.dropFirst() {
            while length > 0, elements[index] != elements[length] { length = fallbacks[length - 1] }
            if elements[index] == elements[length] { length += 1 }
            fallbacks[index] = length
        }
        self.fallbacks = fallbacks
    }

    /// Where it stands, from the beginning on; places may overlap. An empty pattern stands nowhere.
    /// - Parameter visit: says whether to go on.
    func forEachMatch(in text: [Element], _ visit: (Range<Int>) -> Bool) {
        guard !elements.isEmpty else { return }
        var length = 0
        for (index, element) in text.enumerated() {
            while length > 0, element != elements[length] { length = fallbacks[length - 1] }
            if element == elements[length] { length += 1 }
            if length == elements.count {
                guard visit((index + 1 - length)..<(index + 1)) else { return }
                length = fallbacks[length - 1]
            }
        }
    }
}

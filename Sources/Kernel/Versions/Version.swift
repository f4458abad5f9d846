/// A version of the server or of a client: `[stage].[major].[minor]-[build]` (contract: Conventions).
///
/// Major and minor start at 0, build at 1. Compared by stage, major, minor, build.
public struct Version: Hashable, Comparable, Sendable {
    public enum Stage: String, CaseIterable, Sendable {
        case alpha = "a"
        case beta = "b"
        case candidate = "c"
        case release = "r"
    }

    public let stage: Stage
    public let major: Int
    public let minor: Int
    public let build: Int

    public init(_ stage: Stage, _ major: Int, _ minor: Int, build: Int) {
        self.stage = stage
        self.major = major
        self.minor = minor
        self.build = build
    }

    /// Nil for anything that is not exactly the form above: no leading zeros, signs or spaces.
    public init?(_ text: String) {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count == 2, text.utf8.count <= 64 else { return nil }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let stage = Stage(rawValue: String(parts[0])),
            let major = Self.number(parts[1]), let minor = Self.number(parts[2]),
            let build = Self.number(halves[1]), build >= 1
        else { return nil }
        self.init(stage, major, minor, build: build)
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }

    public static func < (left: Version, right: Version) -> Bool {
        left.rank.lexicographicallyPrecedes(right.rank)
    }

    private var rank: [Int] {
        let stage = Stage.allCases.firstIndex(of: stage) ?? 0
        return [stage, major, minor, build]
    }
}

extension Version: CustomStringConvertible {
    public var description: String { "\(stage.rawValue).\(major).\(minor)-\(build)" }
}

extension Version: JSONObjectEncodable {
    public static let shape = JSONShape<Version>(
        "Version",
        .field("stage", \.stage.rawValue),
        .field("major", \.major),
        .field("minor", \.minor),
        .field("build", \.build),
        .field("string", \.description))
}

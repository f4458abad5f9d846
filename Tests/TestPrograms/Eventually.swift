/// What was waited for did not come about.
public struct NeverCameAbout: Error, CustomStringConvertible {
    let limit: Duration
    let place: String
    public var description: String { "what was waited for at \(place) did not come about within \(limit)" }
}

/// Looks again and again until something has come about that tells nobody.
/// - Throws: `NeverCameAbout` when it has not after `limit`.
public func eventually(
    within limit: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation,
    file: StaticString = #fileID, line: Int = #line, _ hasComeAbout: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !hasComeAbout() {
        guard ContinuousClock.now < end else { throw NeverCameAbout(limit: limit, place: "\(file):\(line)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

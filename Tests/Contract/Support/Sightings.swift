import Foundation
import NIOConcurrencyHelpers
import Testing

/// What the tests have seen of what is declared, for `scripts/seen.mjs`: one line each, in the file that `AVIARY_TEST_COVERAGE` names.
final class Sightings: Sendable {
    /// Nil where nobody wants to know, and in a test that sees things by chance.
    static var current: Sightings? { isByChance ? nil : all }

    @TaskLocal fileprivate static var isByChance = false

    private static let all = ProcessInfo.processInfo.environment["AVIARY_TEST_COVERAGE"].flatMap(Sightings.init)

    private let file: FileHandle
    private let known = NIOLockedValueBox<Set<String>>([])

    private init?(path: String) {
        // Several processes may write into it.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { return nil }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func note(_ line: String) {
        guard known.withLockedValue({ $0.insert(line).inserted }) else { return }
        // What can not be written down is missed by the script that reads it.
        try? file.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// A test whose requests are random: what it happens to see, another run may not see.
struct ChanceTrait: TestTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Sightings.$isByChance.withValue(true) { try await function() }
    }
}

extension Trait where Self == ChanceTrait {
    static var byChance: Self { Self() }
}

import Foundation
import NIOConcurrencyHelpers

/// What the tests have seen of what is declared, for `scripts/seen.mjs`: one line each, in the file that `AVIARY_TEST_COVERAGE` names.
final class Sightings: Sendable {
    static let shared = Sightings()

    private let file: FileHandle?
    private let known = NIOLockedValueBox<Set<String>>([])

    private init() {
        guard let path = ProcessInfo.processInfo.environment["AVIARY_TEST_COVERAGE"] else {
            file = nil
            return
        }
        // Several processes may write into it.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        file = descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func note(_ line: String) {
        guard let file, known.withLockedValue({ $0.insert(line).inserted }) else { return }
        // What can not be written down is missed by the script that reads it.
        try? file.write(contentsOf: Data((line + "\n").utf8))
    }
}

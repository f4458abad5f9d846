import Foundation
import Glibc
@testable import Janus
import NIOConcurrencyHelpers
import TestPrograms
import Testing

@Suite("Programs that run beside this one")
struct ChildProgramTests {
    private static func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-child-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test("one that ends by itself says how, with what it has printed, and its folder is gone")
    func ending() async throws {
        let folder = try Self.folder()
        let lines = NIOLockedValueBox<[String]>([])
        let child = ChildProgram(["/bin/sh", "-c", "echo one; echo two >&2; exit 3"], in: folder)
        let end = try await child.run { line in lines.withLockedValue { $0.append(line) } }
        #expect(end.contains("3"))
        #expect(lines.withLockedValue { $0 } == ["one", "two"])
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("one that is not wanted any more is gone, with its folder")
    func cancelling() async throws {
        let folder = try Self.folder()
        let number = NIOLockedValueBox<pid_t?>(nil)
        let task = Task {
            try await ChildProgram(["/bin/sh", "-c", "echo $$; exec sleep 1000"], in: folder).run { line in
                number.withLockedValue { $0 = pid_t(line) }
            }
        }
        try await eventually { number.withLockedValue { $0 } != nil }
        let child = try #require(number.withLockedValue { $0 })
        #expect(kill(child, 0) == 0)
        task.cancel()
        _ = await task.result
        try await eventually { kill(child, 0) != 0 && !FileManager.default.fileExists(atPath: folder) }
    }

    @Test("what there is not can't be started, and that is said")
    func missing() async throws {
        let end = try await ChildProgram(["/nowhere/program"], in: try Self.folder()).run { _ in }
        #expect(end.contains("127"))
    }
}

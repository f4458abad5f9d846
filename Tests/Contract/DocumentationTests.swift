import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("What the documentation tells one to do")
struct DocumentationTests {
    @Test("following the page on accounts turns on two-factor login", arguments: DatabaseKind.allCases)
    func twoFactor(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            server.clock.set(SystemClock().now())
            let output = try await ScriptProgram.run(
                "run_documentation.py", ["docs/accounts.md", "http://127.0.0.1:\(server.port)/api/v1"])
            #expect(output.status == 0, "\(output.errors)")
            #expect(output.text.hasSuffix("{\"success\":true}success\n"), "\(output.text)")
            let login = try await server.send(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(login.json["status"] == "two_factor_required")
        }
    }
}

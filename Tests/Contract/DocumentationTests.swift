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

    @Test("the page for clients waits as it says", arguments: DatabaseKind.allCases)
    func clients(kind: DatabaseKind) async throws {
        try await ErrorScene.with(kind, AdviceTests.settings) { scene in
            let output = try await scene.server.inRealTime {
                try await ScriptProgram.run(
                    "run_client_advice.py",
                    [
                        "http://127.0.0.1:\(scene.server.port)/api/v1", scene.alice.token,
                        "/channels/\(scene.nest.general)/messages", "1",
                    ])
            }
            #expect(output.status == 0, "\(output.errors)")
            let seen = try JSONParser.parse(Array(output.text.utf8))
            #expect(seen["success"] == ["status": 200, "waits": 0])
            #expect(seen["missing"] == ["status": 404, "waits": 0])
            #expect(seen["module"] == ["status": 503, "waits": 0])
            #expect(
                seen["limited"] == [
                    ["status": 200, "waits": 0], ["status": 200, "waits": 0], ["status": 200, "waits": 1],
                ])
            #expect(seen["closed GET"] == 5)
            #expect(seen["closed POST"] == 0, "what may have been done is not done again")
        }
    }
}

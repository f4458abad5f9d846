import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("The error page's advice")
struct AdviceTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    /// A list of messages every five seconds, so that even a busy machine runs into the limit.
    static let settings = ["rate_limiting.enabled": "true", "rate_limits.message_list": "2/10s"]

    @Test("the Python example is the page's own, but for the indentation that the page has lost")
    func python() throws {
        let file = try String(contentsOf: Self.folder.appending(path: "api_request.py"), encoding: .utf8)
        let ours = file.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let start = try #require(ErrorPage.standard.lines.firstIndex(of: "import time"))
        #expect(ErrorPage.standard.lines[start...].prefix(ours.count).elementsEqual(ours))
        #expect(ErrorPage.standard.lines[start + ours.count] == "async function apiRequest(url, options) {")
    }

    @Test("the Python example works, through each of its branches", arguments: DatabaseKind.allCases)
    func pythonBranches(kind: DatabaseKind) async throws {
        try await ErrorScene.with(kind, Self.settings) { scene in
            let output = try await scene.server.inRealTime {
                try await ScriptProgram.run(
                    "advice.py",
                    [
                        Self.folder.appending(path: "api_request.py").path,
                        "http://localhost:\(scene.server.port)/api/v1",
                        "alice", Person.password, "/channels/\(scene.nest.general)/messages",
                    ])
            }
            #expect(output.status == 0, "\(output.errors)")
            let branches = try JSONParser.parse(Array(output.text.utf8))
            #expect(branches["success"] == ["result": "alice", "events": [], "statuses": [200]])
            #expect(branches["authentication"] == ["result": "alice", "events": ["login"], "statuses": [401, 200]])
            #expect(branches["version"] == ["result": .null, "events": ["update prompt"], "statuses": [426]])
            #expect(
                branches["other"] == [
                    "result": "APIError User not found", "events": ["log 404 User not found"], "statuses": [404],
                ])
            #expect(branches["written"]?["result"] == "APIError Invalid input")
            let limit = branches["rate_limit"]
            #expect(limit?["result"] == "a list")
            #expect(limit?["statuses"] == [200, 200, 429, 200], "after the wait the request is let through")
            #expect(limit?["events"] == ["wait"])
        }
    }

    @Test("the JavaScript example works, through each of its branches", arguments: DatabaseKind.allCases)
    func javaScriptBranches(kind: DatabaseKind) async throws {
        try await ErrorScene.with(kind, Self.settings) { scene in
            let output = try await scene.server.inRealTime {
                try await ScriptProgram.runJavaScript(
                    "advice.mjs",
                    [
                        Self.folder.appending(path: "error-page.txt").path,
                        "http://localhost:\(scene.server.port)/api/v1", scene.alice.token,
                        "/channels/\(scene.nest.general)/messages",
                    ])
            }
            #expect(output.status == 0, "\(output.errors)")
            let branches = try JSONParser.parse(Array(output.text.utf8))
            #expect(branches["success"] == ["result": "alice", "waits": 0, "statuses": [200]])
            #expect(branches["authentication"] == ["result": "Error Invalid token", "waits": 0, "statuses": [401]])
            #expect(branches["rateLimit"] == ["result": "a list", "waits": 1, "statuses": [200, 200, 429, 200]])
            #expect(
                branches["version"] == [
                    "result": "Error Client version a.0.9-1 is no longer supported", "waits": 0, "statuses": [426],
                ])
            #expect(branches["other"] == ["result": "Error User not found", "waits": 0, "statuses": [404]])
        }
    }
}

import Client
import Crowds
import Foundation
import Kernel
import Media
import NIOCore
import NIOHTTP1

/// Files: what many uploads at once take, how long a thumbnail takes, and serving beside nginx.
struct MediaScenario {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: Uploads

    /// So many people upload a file of their own at the same time.
    func uploads(to server: RunningServer, _ count: Int, size_bytes: Int) async throws -> [Figure] {
        let owner = try await Visitor.register("owner", on: server.port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var visitors: [Visitor] = []
        for number in 0..<count {
            let visitor = try await Visitor.register("uploader\(number)", on: server.port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            visitors.append(visitor)
        }
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for visitor in visitors {
                group.addTask {
                    _ = try await Self.upload(Self.noise(size_bytes), "\(visitor.token).bin", to: channel, by: visitor)
                }
            }
            try await group.waitForAll()
        }
        let seconds = (.now - begin) / .seconds(1)
        return [
            Figure(
                "\(count) uploads of \(size_bytes >> 20) MiB at once", Double(try server.peakMemory()) / 1_048_576,
                "MiB",
                target: .below(150), note: "most that was resident in the process, from its start",
                further: [("rate", Double(count * size_bytes) / seconds / 1_048_576, "MiB/s", nil)])
        ]
    }

    private static func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<count / 8).map { _ in generator.next() }
        return words.withUnsafeBytes { Array($0) }
    }

    private static func upload(
        _ bytes: [UInt8], _ name: String, to channel: String, by visitor: Visitor
    ) async throws -> JSON {
        let boundary = "aviary-bench"
        let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n"
        let reply = try await visitor.connection.send(
            .POST, "/api/v1/channels/\(channel)/attachments",
            headers: [
                "authorization": "Bearer \(visitor.token)", "content-type": "multipart/form-data; boundary=\(boundary)",
            ], body: Array(head.utf8) + bytes + Array("\r\n--\(boundary)--\r\n".utf8), timeout: .seconds(300))
        guard reply.status == 201 else { throw Visitor.Refused(reply: reply.text) }
        return reply.json
    }

    // MARK: Thumbnails

    /// A photograph of 12 megapixels, as a phone takes it, scaled into 512 pixels.
    func thumbnail(rounds: Int) async throws -> Figure {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let staging = try Staging(folder: folder)
        guard let tools = PictureTools(staging: staging, turnstile: Turnstile(places: 1, longestLine: 1)) else {
            throw Failure(description: "the tools for pictures are not installed")
        }
        let photo = folder + "/photo.jpg"
        try Self.run(
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=4000x3000,noise=alls=20", "-frames:v", "1",
            "-q:v", "3",
            photo)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: photo)))
        let staged = try await staging.file(limit_bytes: bytes.count)
        try await staged.write(ByteBuffer(bytes: bytes))
        let file = try await staged.finish()
        var times_ms: [Double] = []
        for _ in 0..<rounds {
            let begin = ContinuousClock.now
            _ = try await tools.scaled(file, .jpeg, edge: 512)
            times_ms.append((.now - begin) / .milliseconds(1))
        }
        return Figure(
            "thumbnail of a 12-megapixel JPEG", times_ms.median, "ms", target: .below(300),
            note: "\((Double(bytes.count) / 1_048_576).short) MiB; the child process included")
    }

    // MARK: Serving

    /// The same file of 1 MiB from the server and from nginx, asked for by wrk, in turn.
    func serving(by server: RunningServer, seconds: Int, rounds: Int) async throws -> [Figure] {
        let owner = try await Visitor.register("owner", on: server.port)
        let bytes = Self.noise(1 << 20)
        let file = try await Self.upload(bytes, "file.bin", to: try await owner.foundServer(), by: owner)
        let address = "http://127.0.0.1:\(server.port)\(file["url"]?.string ?? "")"
        let nginx = try Nginx(serving: bytes)
        defer { nginx.stop() }
        var (ours, theirs): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds {
            theirs.append(try Self.wrk(nginx.address, seconds))
            ours.append(try Self.wrk(address, seconds))
        }
        return [
            Figure(
                "serving a file of 1 MiB, against nginx", ours.median / theirs.median * 100, "%", target: .atLeast(60),
                note: "wrk, 16 connections, nginx with sendfile",
                further: [
                    ("the server", ours.median, "requests/s", nil), ("nginx", theirs.median, "requests/s", nil),
                ])
        ]
    }

    private static func wrk(_ address: String, _ seconds: Int) throws -> Double {
        let output = try run("wrk", "-t", "1", "-c", "16", "-d", "\(seconds)s", address)
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = line.split(whereSeparator: \.isWhitespace).last.flatMap({ Double($0) }),
            !output.contains("Non-2xx")
        else { throw Failure(description: "wrk: \(output)") }
        return rate
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program) \(arguments) failed") }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Debian's nginx with one file, as its documentation recommends it for files.
private final class Nginx {
    private let process = Process()
    private let folder: String
    let address: String

    init(serving bytes: [UInt8]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "aviary-nginx-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/file.bin"))
        let port = RunningServer.freePort()
        address = "http://127.0.0.1:\(port)/file.bin"
        let configuration = """
            worker_processes auto; daemon off; pid \(folder)/pid; error_log \(folder)/error.log;
            events { worker_connections 1024; }
            http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type application/octet-stream;
              client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b; fastcgi_temp_path \(folder)/c;
              uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
              server { listen 127.0.0.1:\(port); root \(folder); } }
            """
        try configuration.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
        process.arguments = ["-c", folder + "/nginx.conf"]
        try process.run()
        Thread.sleep(forTimeInterval: 1)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

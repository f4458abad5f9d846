import Client
import Foundation
import TestPrograms

/// nginx before a server, which keeps connections to it for many clients.
final class TestProxy: Sendable {
    let port: Int
    private let process: Process
    private let folder: URL

    private init(_ process: Process, port: Int, folder: URL) {
        self.process = process
        self.port = port
        self.folder = folder
    }

    /// - Throws: when nginx is not installed; `scripts/install test` does that.
    static func start(before server: Int) async throws -> TestProxy {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let port = RunningServer.freePort()
        let file = folder.appending(path: "nginx.conf")
        try configuration(folder.path, port: port, server: server).write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
        process.arguments = ["-c", file.path, "-p", folder.path, "-e", folder.appending(path: "error.log").path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        let proxy = TestProxy(process, port: port, folder: folder)
        do {
            try await eventually {
                guard let connection = try? await HTTPConnection.connect(port: port) else { return false }
                await connection.close()
                return true
            }
        } catch {
            proxy.stop()
            throw error
        }
        return proxy
    }

    func stop() {
        process.end()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func configuration(_ folder: String, port: Int, server: Int) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off;
            master_process off;
            pid \(folder)/pid;
            events {}
            http {
              access_log off;
              \(temporary.joined(separator: " "))
              map $http_upgrade $connection_to_server { default upgrade; '' ''; }
              upstream aviary { server 127.0.0.1:\(server); keepalive 8; }
              server {
                listen 127.0.0.1:\(port);
                location / {
                  proxy_pass http://aviary;
                  proxy_http_version 1.1;
                  proxy_set_header Host $host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_to_server;
                  proxy_set_header X-Forwarded-For $remote_addr;
                }
              }
            }
            """
    }
}

import Client
import Crypto
import Database
import Foundation
import Kernel
import Media
import NIOConcurrencyHelpers
import NIOHTTP1
import NIOPosix
import TestPrograms

@testable import Aviary
@testable import Chat
@testable import Features
@testable import Files
@testable import People

/// A form with files, as browsers send it (RFC 7578).
struct FormBody {
    static let boundary = "----aviary-test-boundary"

    var bytes: [UInt8] = []

    static func file(
        _ content: [UInt8], named filename: String, field: String = "file", _ fields: [String: String] = [:]
    )
        -> FormBody
    {
        var form = FormBody()
        for (name, value) in fields { form.add("name=\"\(name)\"", Array(value.utf8)) }
        form.add("name=\"\(field)\"; filename=\"\(filename)\"", content)
        form.bytes += Array("--\(boundary)--\r\n".utf8)
        return form
    }

    private mutating func add(_ disposition: String, _ content: [UInt8]) {
        bytes += Array("--\(Self.boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n".utf8)
        bytes += content + [0x0D, 0x0A]
    }
}

extension Person {
    /// Sends a form with one file.
    func sends(
        _ content: [UInt8], named filename: String, to path: String, field: String = "file",
        _ fields: [String: String] = [:]
    ) async throws -> HTTPReply {
        try await server.send(
            .POST, path, bytes: FormBody.file(content, named: filename, field: field, fields).bytes, token: token,
            headers: ["content-type": "multipart/form-data; boundary=\(FormBody.boundary)"])
    }

    /// Uploads a file that has to be taken.
    func uploads(_ content: [UInt8], named filename: String, to channel: String) async throws -> JSON {
        let reply = try await sends(content, named: filename, to: "/channels/\(channel)/attachments")
        guard reply.status == 201 else { throw UnexpectedReply(reply) }
        return reply.json
    }

    /// Uploads one of the samples under its own name.
    func uploads(sample name: String, to channel: String) async throws -> JSON {
        try await uploads(try await SampleFiles.bytes(name), named: name, to: channel)
    }

    /// Sends a message with files.
    @discardableResult
    func shows(_ attachments: [JSON], in channel: String, _ content: String? = nil) async throws -> JSON {
        let ids = try attachments.map { JSON.string(try $0.text("id")) }
        return try await does(
            .POST, "/channels/\(channel)/messages",
            ["content": content.map { .string($0) } ?? .null, "attachments": .array(ids)])
    }
}

extension TestServer {
    /// Fetches an address that the server gave, which begins at the root.
    func fetch(_ address: String, token: String? = nil, headers: HTTPHeaders = [:]) async throws -> HTTPReply {
        try await send(.GET, "/" + address, bytes: nil, token: token, headers: headers)
    }

    /// Does now what is otherwise done once a minute.
    /// - Parameter store: where the server's files are; nil for its own folder.
    func keepsUp(store: (any ObjectStore)? = nil) async throws {
        try await settleLog()
        let staging = try Staging(folder: folder + "/media/staging-of-upkeep")
        let media = MediaParts(
            store: try store ?? FolderStore(folder: folder + "/media/objects"), staging: staging, pictures: nil,
            films: nil,
            scanner: nil, links: LinkFetcher(.standard, staging: staging, on: MultiThreadedEventLoopGroup.singleton),
            refusedTypes: [])
        // On the server's clock, which may be days ahead of the real one; a lease taken by it would be the server's own.
        let storage = try await Storage.open(settings, for: .command, clock: time, logger: Self.silent)
        let parts = Parts(
            features: Instance.features, database: storage.database, log: storage.log,
            ids: Snowflakes(clock: time, worker: 900), clock: time,
            randomness: SystemRandomness(), configuration: try settings.chat(), logger: Self.silent)
        let chat = Instance(
            parts, media: media, hasher: PasswordHasher(.init(), concurrency: 1, randomness: SystemRandomness()),
            mailer: nil, providers: [], push: nil, transient: TransientEvents(),
            state: SystemState(startedAt: time.now()))
        do {
            try await chat.runUpkeep(pausing: .zero)
        } catch {
            await storage.close()
            throw error
        }
        await storage.close()
    }
}

extension [UInt8] {
    /// SHA-256 in hexadecimal.
    var sha256: String { SHA256.hash(data: Data(self)).map { String(format: "%02x", $0) }.joined() }

    /// As much as tells a program for Windows.
    static var windowsProgram: [UInt8] {
        Array("MZ".utf8) + [UInt8](repeating: 0, count: 58) + [64, 0, 0, 0] + Array("PE\0\0".utf8)
    }

    /// Bytes that look like nothing and are different every time.
    static func noise(_ count: Int) -> [UInt8] {
        Array(FileHandle(forReadingAtPath: "/dev/urandom")?.readData(ofLength: count) ?? Data())
    }
}

/// A value that closures share.
final class Shared<Value: Sendable>: Sendable {
    private let box: NIOLockedValueBox<Value>

    init(_ value: Value) { box = NIOLockedValueBox(value) }

    var value: Value { box.withLockedValue { $0 } }

    func set(_ value: Value) { box.withLockedValue { $0 = value } }
}

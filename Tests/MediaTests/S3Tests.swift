import Client
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import TestPrograms
import Testing
@testable import Media

@Suite("S3")
struct S3Tests {
    /// Of Amazon's documentation: "Authenticating Requests: Using Query Parameters".
    @Test("an address is signed as Amazon's example is")
    func presignedExample() {
        let signature = S3Signature(
            S3Credentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                region: "us-east-1"), at: Timestamp(seconds: 1_369_353_600))
        #expect(signature.date == "20130524T000000Z")
        let query = signature.presignedQuery(
            host: "examplebucket.s3.amazonaws.com", path: "/test.txt", lifetime_s: 86_400)
        #expect(query.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    /// Of Amazon's documentation: "Authenticating Requests: Using the Authorization Header", GET Bucket (List Objects).
    @Test("a request is signed as Amazon's example is")
    func headerExample() {
        let signature = S3Signature(
            S3Credentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                region: "us-east-1"), at: Timestamp(seconds: 1_369_353_600))
        let headers = signature.headers(
            "GET", host: "examplebucket.s3.amazonaws.com", path: "/", query: [("max-keys", "2"), ("prefix", "J")],
            payload: S3Signature.hash(""))
        #expect(
            headers.last?.1.hasSuffix("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
                == true)
    }

    static func configuration(
        port: Int, folder: String = "", pathStyle: Bool = true, direct: Bool = false
    ) -> S3Configuration? {
        S3Configuration(
            location: "s3://nest" + folder,
            endpoint: pathStyle ? "http://127.0.0.1:\(port)" : "http://localhost:\(port)",
            usesPathStyle: pathStyle,
            credentials: S3Credentials(accessKey: "key", secretKey: "secret", region: "us-east-1"),
            sendsClientsThere: direct)
    }

    static func with(_ body: (Int, Scene) async throws -> Void) async throws {
        let service = try await ScriptProgram.start("s3_server.py")
        let port = try #require(Int(service.firstLine))
        try await Scene.with { scene in try await body(port, scene) }
        withExtendedLifetime(service.program) {}
    }

    @Test(
        "a bucket does what a folder does, in the path and in the host's name", arguments: ["", "/deep/folder"],
        [true, false])
    func store(folder: String, pathStyle: Bool) async throws {
        try await Self.with { port, scene in
            let configuration = try #require(Self.configuration(port: port, folder: folder, pathStyle: pathStyle))
            let store = S3Store(
                configuration, clock: SystemClock(), addresses: ["nest.localhost": "127.0.0.1"],
                on: MultiThreadedEventLoopGroup.singleton)
            try await StoreTests.exercise(store, scene)
            await store.shutDown()
        }
    }

    @Test("what is large goes in parts, and comes back as it was")
    func parts() async throws {
        try await Self.with { port, scene in
            let configuration = try #require(Self.configuration(port: port, direct: true))
            let store = S3Store(configuration, clock: SystemClock(), on: MultiThreadedEventLoopGroup.singleton)
            let bytes = [UInt8](repeating: 7, count: 2 * S3Store.part_bytes + 12_345)
            let key = ObjectKey.blob(sha256: String(repeating: "0e", count: 32), number: 6)
            let file = try await scene.file(bytes)
            try await store.put(file, at: key, contentType: "video/mp4")
            #expect(try await store.size_bytes(of: key) == bytes.count)
            let back = try await scene.staging.file(limit_bytes: bytes.count)
            for try await piece in try await store.read(key, 0..<bytes.count) { try await back.write(piece) }
            #expect(try await back.finish().sha256 == file.sha256)

            let address = try #require(
                store.address(
                    of: key,
                    DirectDownload(
                        contentType: "video/mp4", contentDisposition: "inline; filename=\"a b.mp4\"", lifetime_s: 60)))
            let connection = try await HTTPConnection.connect(port: port)
            let reply = try await connection.send(.GET, String(address.dropFirst("http://127.0.0.1:\(port)".count)))
            await connection.close()
            #expect(reply.status == 200)
            #expect(reply.body.count == bytes.count)
            await store.shutDown()
        }
    }

    @Test("a bucket may stand in the host's name or in the path")
    func styles() throws {
        let key = ObjectKey.chunk(1, of: 2)
        let inPath = try #require(Self.configuration(port: 9000))
        #expect(inPath.origin + inPath.path(key) == "http://127.0.0.1:9000/nest/uploads/2/1")
        let inHost = try #require(Self.configuration(port: 9000, folder: "/a", pathStyle: false))
        #expect(inHost.origin + inHost.path(key) == "http://nest.localhost:9000/a/uploads/2/1")
        #expect(
            S3Configuration(
                location: "nest", endpoint: "", usesPathStyle: false, credentials: inPath.credentials,
                sendsClientsThere: false)
                == nil)
        let amazon = try #require(
            S3Configuration(
                location: "s3://nest", endpoint: "", usesPathStyle: false, credentials: inPath.credentials,
                sendsClientsThere: false))
        #expect(amazon.origin == "https://nest.s3.us-east-1.amazonaws.com")
    }

    @Test("a service that can't be reached is said so")
    func unreachable() async throws {
        try await Scene.with { scene in
            let configuration = try #require(Self.configuration(port: 9))
            let store = S3Store(configuration, clock: SystemClock(), on: MultiThreadedEventLoopGroup.singleton)
            await #expect(throws: (any Error).self) {
                try await store.put(try await scene.file([1]), at: .chunk(0, of: 1), contentType: "a/b")
            }
            await store.shutDown()
        }
    }
}

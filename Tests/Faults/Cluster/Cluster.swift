import Foundation

/// What `scripts/with-cluster` has started, and the words by which `scripts/cluster` breaks it.
struct Cluster: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let nodes: [Endpoint]
    let balancer: Endpoint

    private static var script: String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appending(path: "scripts/cluster").path
    }

    /// - Throws: `Failure` outside of `scripts/with-cluster`.
    static func around(nodes count: Int) async throws -> Cluster {
        guard ProcessInfo.processInfo.environment["AVIARY_TEST_CLUSTER"] != nil else {
            throw Failure(description: "with --nodes, run it by scripts/with-cluster")
        }
        var nodes: [Endpoint] = []
        for number in 1...count { nodes.append(try await endpoint("\(number)", .node(number))) }
        return Cluster(nodes: nodes, balancer: try await endpoint("balancer", .balancer))
    }

    private static func endpoint(_ machine: String, _ place: Endpoint.Place) async throws -> Endpoint {
        let address = try await run(["address", machine]).split(separator: ":")
        guard address.count == 2, let port = Int(address[1]) else {
            throw Failure(description: "there is no \(machine)")
        }
        return Endpoint(place: place, host: String(address[0]), port: port)
    }

    /// - Throws: `Failure` with what the script says.
    @discardableResult
    func does(_ words: String...) async throws -> String { try await Self.run(words) }

    @discardableResult
    func does(_ words: [String]) async throws -> String { try await Self.run(words) }

    private static func run(_ words: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(words) }) }
        }
    }

    private static func runBlocking(_ words: [String]) throws -> String {
        // What is started here may go on, and has to hear signals, most of which the runtime's threads block.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "scripts/cluster \(words.joined(separator: " ")): \(complaint)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

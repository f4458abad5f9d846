import NIOCore
import NIOPosix

/// Asks a ClamAV daemon about files (clamd(8), command INSTREAM).
public struct VirusScanner: Sendable {
    public enum Verdict: Sendable, Equatable {
        case clean
        /// With the name of what was found.
        case infected(String)
    }

    /// The daemon can't be reached, or gives no verdict.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where the daemon listens.
    public enum Address: Sendable, Equatable {
        case host(String, port: Int)
        case socket(path: String)

        /// - Parameter text: `host:port`, or `unix:/path`. Nil for anything else.
        public init?(_ text: String) {
            if text.hasPrefix("unix:/") {
                self = .socket(path: String(text.dropFirst("unix:".count)))
                return
            }
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (1...65_535).contains(port), colon != text.startIndex
            else { return nil }
            self = .host(String(text[..<colon]), port: port)
        }
    }

    private static let connectTimeout = TimeAmount.seconds(5)
    private static let timeout = Duration.seconds(120)
    private static let longestAnswer_bytes = 4096

    private let address: Address
    private let eventLoopGroup: any EventLoopGroup

    public init(_ address: Address, on eventLoopGroup: any EventLoopGroup) {
        self.address = address
        self.eventLoopGroup = eventLoopGroup
    }

    /// - Throws: `Failure`.
    public func scan(_ file: ReceivedFile) async throws -> Verdict {
        do {
            return try await withThrowingTaskGroup(of: Verdict.self) { group in
                group.addTask { try Self.verdict(try await ask(file)) }
                group.addTask {
                    try await Task.sleep(for: Self.timeout)
                    throw Failure(description: "clamd did not answer within \(Self.timeout)")
                }
                defer { group.cancelAll() }
                guard let verdict = try await group.next() else { throw Failure(description: "nobody was asked") }
                return verdict
            }
        } catch let failure as Failure {
            throw failure
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Failure(description: "clamd: \(error)")
        }
    }

    private func ask(_ file: ReceivedFile) async throws -> String {
        let bootstrap = ClientBootstrap(group: eventLoopGroup).connectTimeout(Self.connectTimeout)
        let initialize = { @Sendable (channel: any Channel) in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        let channel =
            switch address {
            case .host(let host, let port):
                try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
            case .socket(let path):
                try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initialize)
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "zINSTREAM\0"))
            for try await piece in file.pieces {
                var chunk = ByteBuffer(integer: UInt32(piece.readableBytes))
                chunk.writeImmutableBuffer(piece)
                try await outbound.write(chunk)
            }
            try await outbound.write(ByteBuffer(integer: UInt32(0)))
            var answer = ByteBuffer()
            for try await bytes in inbound {
                answer.writeImmutableBuffer(bytes)
                if answer.readableBytesView.contains(0) || answer.readableBytes > Self.longestAnswer_bytes { break }
            }
            return String(buffer: answer)
        }
    }

    /// `stream: OK`, `stream: NAME FOUND`, or a complaint.
    static func verdict(_ answer: String) throws -> Verdict {
        let text = answer.prefix { $0 != "\0" }
        if text == "stream: OK" { return .clean }
        guard text.hasPrefix("stream: "), text.hasSuffix(" FOUND") else {
            throw Failure(description: "clamd said: \(text.prefix(200))")
        }
        return .infected(String(text.dropFirst("stream: ".count).dropLast(" FOUND".count)))
    }
}

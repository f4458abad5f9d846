import Client
import Crowds
import Events
import Foundation
import Gateway
import Kernel
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// What the gateway keeps for sessions that are more than a process may have descriptors: on channels in memory, less what
/// such channels take without it.
struct SessionsWithoutNetwork {
    func measure(sessions count: Int) async throws -> [Figure] {
        let loop = NIOAsyncTestingEventLoop()
        let version = Version(.release, 1, 0, build: 1)
        var configuration = GatewayConfiguration(
            versions: ClientVersionPolicy(server: version, minimum: version, updateURL: nil),
            sessionKey: [UInt8](repeating: 7, count: 32)
        )
        configuration.isRateLimited = false
        let gateway = GatewayServer(
            configuration, backend: EverybodyInOneServer(), eventLoopGroup: loop, newestPosition: 0,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        // Some first, so that what is set up once is not counted as theirs.
        let warm = try await (channels(200, on: loop), sessions(0..<200, of: gateway, on: loop))
        let start = try resident()
        let bare = try await channels(count, on: loop)
        let between = try resident()
        let identified = try await sessions(200..<200 + count, of: gateway, on: loop)
        let end = try resident()
        withExtendedLifetime((warm, bare, identified)) {}
        await loop.shutdownGracefully()
        let of = Double(count) * 1024
        return [
            Figure(
                "\(count.formatted()) sessions without a network: memory of each",
                Double((end - between) - (between - start)) / of, "KiB", target: .atMost(5),
                note: "beside \((Double(between - start) / of).short) KiB of the channel alone")
        ]
    }

    private func resident() throws -> Int {
        try RunningServer.residentMemory(of: ProcessInfo.processInfo.processIdentifier)
    }

    private func channels(_ count: Int, on loop: NIOAsyncTestingEventLoop) async throws -> [NIOAsyncTestingChannel] {
        var channels: [NIOAsyncTestingChannel] = []
        for _ in 0..<count {
            let channel = try await connected(on: loop)
            try await channel.writeAndFlush(ByteBuffer(string: "READY"))
            _ = try await channel.readOutbound(as: ByteBuffer.self)
            channels.append(channel)
        }
        return channels
    }

    private func connected(on loop: NIOAsyncTestingEventLoop) async throws -> NIOAsyncTestingChannel {
        let channel = NIOAsyncTestingChannel(loop: loop)
        _ = try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        return channel
    }

    private func sessions(
        _ users: Range<Int>, of gateway: GatewayServer, on loop: NIOAsyncTestingEventLoop
    ) async throws -> [NIOAsyncTestingChannel] {
        var channels: [NIOAsyncTestingChannel] = []
        for user in users {
            let channel = try await connected(on: loop)
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/gateway")
            try await gateway.install(on: channel, head: head).get()
            let identify = Array(#"{"op":2,"d":{"token":"\#(user + 1)"}}"#.utf8)
            // A text frame of less than 126 bytes, under a mask that changes nothing (RFC 6455, section 5.2).
            try await channel.writeInbound(
                ByteBuffer(bytes: [0x81, 0x80 | UInt8(identify.count), 0, 0, 0, 0] + identify))
            try await waitForReady(on: channel)
            channels.append(channel)
        }
        return channels
    }

    private func waitForReady(on channel: NIOAsyncTestingChannel) async throws {
        var text = ""
        while !text.contains(#""READY""#) {
            text += String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
        }
    }
}

/// Whoever has a number for a token is that user, and sees one server beside what is their own.
private struct EverybodyInOneServer: GatewayBackend {
    private static let server = Audience(id: 1 << 40)

    func identity(forToken token: String) async throws -> GatewayIdentity? {
        Int64(token).map { GatewayIdentity(user: UserID(rawValue: $0), login: SessionID(rawValue: $0)) }
    }

    func countStart(of identity: GatewayIdentity) async throws {}

    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot {
        GatewaySnapshot(
            members: [("user", Array(#"{"id":"\#(identity.user)"}"#.utf8))],
            audiences: [Audience(id: identity.user.rawValue), Self.server],
            place: LogPlace(epoch: .first, position: 0))
    }

    func beginReplay(
        for identity: GatewayIdentity, after position: Int64, of epoch: LogEpoch?, limit: Int
    ) async throws -> (replay: Replay, audiences: Set<Audience>) { throw Replay.Refusal.pruned }

    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage {
        GatewayReplayPage(events: [], replay: replay)
    }

    func resumption(
        of identity: GatewayIdentity, after position: Int64, _ intents: Intents
    ) async throws -> @Sendable () -> [UInt8] { { Array("{}".utf8) } }

    func startsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {}
    func stopsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {}
    func acknowledged(_ position: Int64, by identity: GatewayIdentity) {}
    func connected(_ identity: GatewayIdentity, connection: UInt64) {}
    func disconnected(_ identity: GatewayIdentity, connection: UInt64) {}
    func presence(_ status: String, of connection: UInt64, by identity: GatewayIdentity) async throws {}
    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8] { [] }
}

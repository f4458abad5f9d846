import Foundation
import NIOConcurrencyHelpers

import Glibc

/// A wire between the program and its server, with which a test can do what networks do.
public final class FaultyWire: Sendable {
    private struct State {
        var isMute = false
        /// The sockets of both sides.
        var open: [Int32] = []
    }

    struct Failure: Error { let code: Int32 }

    /// Where the program finds the server.
    public let port: UInt16
    private let listener: Int32
    private let server: sockaddr_in
    private let state = NIOLockedValueBox(State())

    init(toPort serverPort: UInt16) throws {
        listener = try Self.openSocket()
        server = Self.address(serverPort)
        port = try Self.listen(listener)
        Thread { [self] in accept() }.start()
    }

    /// Loses what the server says from here on.
    public func mute() { state.withLockedValue { $0.isMute = true } }

    public func unmute() { state.withLockedValue { $0.isMute = false } }

    /// Ends all connections without a word.
    public func cut() {
        // Under the lock, so that none of the numbers belongs to something else by now.
        state.withLockedValue { state in for socket in state.open { _ = shutdown(socket, Int32(SHUT_RDWR)) } }
    }

    /// Whether both sides have heard that nothing connects them.
    public var isDead: Bool { state.withLockedValue { $0.open.isEmpty } }

    public func close() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    // MARK: Forwarding

    private func accept() {
        while true {
            let client = posixAccept(listener)
            guard client >= 0 else { break }
            guard let server = try? Self.openSocket(), connect(server) else { break }
            state.withLockedValue { $0.open += [client, server] }
            Thread { [self] in pump(from: client, to: server, losing: false) }.start()
            Thread { [self] in pump(from: server, to: client, losing: true) }.start()
        }
        posixClose(listener)
    }

    private func connect(_ socket: Int32) -> Bool {
        withUnsafePointer(to: server) { server in
            server.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                posixConnect(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func pump(from source: Int32, to target: Int32, losing: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            if losing, state.withLockedValue({ $0.isMute }) { continue }
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes { bytes in
                    send(target, bytes.baseAddress?.advanced(by: sent), count - sent, noSignal)
                }
                guard more > 0 else { break }
                sent += more
            }
        }
        // The other direction ends as well, and closes its own source, unless it has done so: then the number may be
        // somebody else's.
        state.withLockedValue { state in
            if state.open.contains(target) { _ = shutdown(target, Int32(SHUT_RDWR)) }
            state.open.removeAll { $0 == source }
            posixClose(source)
        }
    }

    // MARK: Sockets

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func openSocket() throws -> Int32 {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        return descriptor
    }

    /// - Returns: the port that the system chose.
    private static func listen(_ socket: Int32) throws -> UInt16 {
        var address = address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && posixListen(socket) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard isListening else { throw Failure(code: errno) }
        return UInt16(bigEndian: address.sin_port)
    }
}

private let streamType = Int32(SOCK_STREAM.rawValue)
private let noSignal = Int32(MSG_NOSIGNAL)

// The class has methods of the same names.
private func posixAccept(_ listener: Int32) -> Int32 { accept(listener, nil, nil) }
private func posixListen(_ socket: Int32) -> Int32 { listen(socket, 16) }
private func posixClose(_ socket: Int32) { _ = close(socket) }
private func posixConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}

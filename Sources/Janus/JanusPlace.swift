import Foundation
import Glibc
import NIOCore

/// Where devices reach the media server.
public struct JanusPlace: Sendable, Equatable {
    /// Of this machine: the one address that is offered.
    public let address: String
    /// Addresses of this machine that begin with the same characters. Janus compares beginnings, and would offer them, too.
    let namesakes: [String]
    /// What is offered instead, where a router has it.
    public let publicAddress: String?
    /// UDP. Each person takes up to four.
    public let ports: ClosedRange<Int>

    var isIPv6: Bool { address.contains(":") }

    /// What devices are told.
    public var offered: String { publicAddress ?? address }

    /// - Parameters:
    ///   - addresses: all that this machine has.
    ///   - wanted: an address of this machine, one that a router has for it, or a name of either; empty for the one by which this
    ///     machine reaches others.
    /// - Returns: nil where there is none but of the machine with itself, or the name leads nowhere.
    public init?(ports: ClosedRange<Int>, wanted: String = "", among addresses: [String] = JanusPlace.ownAddresses()) {
        let usable = addresses.filter { !Self.isLocal($0) }
        let named = wanted.isEmpty ? nil : Self.resolved(wanted)
        if !wanted.isEmpty, named == nil { return nil }
        let usual = Self.outwardAddress.flatMap { usable.contains($0) ? $0 : nil } ?? usable.first
        guard let own = named.flatMap({ usable.contains($0) ? $0 : nil }) ?? usual else { return nil }
        address = own
        namesakes = addresses.filter { $0 != own && $0.hasPrefix(own) }
        publicAddress = named == own ? nil : named
        self.ports = ports
    }

    /// Of the network interfaces that are up.
    public static func ownAddresses() -> [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        let addresses = devices.compactMap { $0.address?.ipAddress }
        // IPv4 first: behind it are most people.
        return addresses.filter { !$0.contains(":") } + addresses.filter { $0.contains(":") }
    }

    /// Whether an address leads to this machine, or no further than its wire.
    static func isLocal(_ address: String) -> Bool {
        address.hasPrefix("127.") || address.hasPrefix("169.254.") || address == "::1"
            || address.lowercased().hasPrefix("fe80:") || address.contains("%")
    }

    /// The address that packets to others leave from. None is sent for that.
    private static var outwardAddress: String? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        // An address for documentation (RFC 5737), which leads wherever the default route does.
        guard let target = try? SocketAddress(ipAddress: "192.0.2.1", port: 9) else { return nil }
        let isConnected = target.withSockAddr { pointer, size in connect(socket, pointer, socklen_t(size)) } == 0
        guard isConnected else { return nil }
        var own = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard isKnown == 0 else { return nil }
        return SocketAddress(own, host: "").ipAddress
    }

    private static func resolved(_ name: String) -> String? {
        // The port says only of what kind the address is.
        (try? SocketAddress.makeAddressResolvingHost(name, port: 9))?.ipAddress
    }
}

import Foundation
import Kernel

import Glibc

/// Keeps the server from fetching what only it can reach: its own machine, its own network, the metadata service of its cloud
/// (OWASP's Server-Side Request Forgery Prevention Cheat Sheet).
public struct LinkGuard: Sendable {
    /// For everybody who follows strangers' links.
    public static let standard = LinkGuard(exceptions: .none, ports: [80, 443])

    /// Addresses that are let through all the same.
    private let exceptions: AddressRanges
    /// Nil: every port.
    private let ports: Set<Int>?

    private init(exceptions: AddressRanges, ports: Set<Int>?) {
        self.exceptions = exceptions
        self.ports = ports
    }

    /// Lets some addresses through, on every port: for tests, whose servers are on the own machine.
    public static func allowing(_ exceptions: AddressRanges) -> LinkGuard {
        LinkGuard(exceptions: exceptions, ports: nil)
    }

    /// A link that is not followed.
    public struct Refusal: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where IANA's special-purpose registries say that there is nothing for the public (RFC 6890), and what wraps IPv4
    /// addresses.
    private static let specialIPv4 =
        AddressRanges(
            """
            0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,\
            192.31.196.0/24,192.52.193.0/24,192.88.99.0/24,192.168.0.0/16,192.175.48.0/24,198.18.0.0/15,198.51.100.0/24,\
            203.0.113.0/24,224.0.0.0/4,240.0.0.0/4
            """) ?? .none
    private static let specialIPv6 = AddressRanges("2001::/23,2001:db8::/32,2002::/16,3fff::/20") ?? .none
    private static let mappedIPv4 = AddressRanges("0.0.0.0/0") ?? .none
    /// Everything else of IPv6 is local, special or not given out.
    private static let globalIPv6 = AddressRanges("2000::/3") ?? .none

    /// Whether an address is one of the public internet.
    static func isPublic(_ address: String) -> Bool {
        guard AddressRanges.bytes(address) != nil else { return false }
        if mappedIPv4.contains(address) { return !specialIPv4.contains(address) }
        return globalIPv6.contains(address) && !specialIPv6.contains(address)
    }

    func allows(_ address: String) -> Bool { exceptions.contains(address) || Self.isPublic(address) }

    func isOpen(port: Int) -> Bool { ports?.contains(port) ?? true }

    /// False for what is written as an address that is not allowed; a name may lead anywhere.
    func mayBeAllowed(_ host: String) -> Bool {
        // Numbers in any spelling are addresses to the resolver: 0x7f.1, 2130706433.
        let isName = host.split(separator: ".").last?.first?.isLetter ?? false
        return isName && !host.contains(":") || allows(host)
    }

    /// Looks up the host of an address that the operator vouches for.
    /// - Throws: `Refusal`.
    static func anyAddress(of url: URL) async throws -> String {
        guard let host = url.host, let first = try await lookUp(host).first else {
            throw Refusal(description: "has a name that nobody knows")
        }
        return first
    }

    /// Looks the host up and returns the address that the request has to go to. All of its addresses must be allowed: what a
    /// name leads to may change from one question to the next.
    /// - Throws: `Refusal`.
    func address(of url: URL) async throws -> String {
        guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = url.host,
            !host.isEmpty,
            url.user == nil, url.password == nil
        else { throw Refusal(description: "is no web address") }
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        guard isOpen(port: port) else { throw Refusal(description: "port \(port) is not for web pages") }
        let addresses = try await Self.lookUp(host)
        guard let first = addresses.first, addresses.allSatisfy(allows) else {
            throw Refusal(description: "leads nowhere on the public internet")
        }
        return first
    }

    private static func lookUp(_ host: String) async throws -> [String] {
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return try await BlockingFile.run {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(name, nil, &hints, &list) == 0 else {
                throw Refusal(description: "has a name that nobody knows")
            }
            defer { freeaddrinfo(list) }
            return sequence(first: list) { $0?.pointee.ai_next }.compactMap { $0 }.compactMap(numeric)
        }
    }

    private static func numeric(_ entry: UnsafeMutablePointer<addrinfo>) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = getnameinfo(
            entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

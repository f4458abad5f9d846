import Glibc

/// Who is counted.
public enum RateLimitSubject: Hashable, Sendable {
    case user(UserID)
    /// A client's address; of an IPv6 address the network of 64 bits, of which one client has all.
    case address(String)
    /// A login, in some of its concerns.
    case login(SessionID, part: Int)

    func add(to hash: inout SipHash) {
        switch self {
        case .user(let user):
            hash.add(1)
            hash.add(UInt64(bitPattern: user.rawValue))
        case .address(let address):
            hash.add(2)
            hash.add(address)
        case .login(let login, let part):
            hash.add(3)
            hash.add(UInt64(bitPattern: login.rawValue))
            hash.add(UInt64(bitPattern: Int64(part)))
        }
    }
}

extension RateLimitSubject {
    /// - Parameter address: an IP address in text form; anything else counts as it is.
    public init(clientAddress address: String) {
        var bytes = in6_addr()
        guard address.utf8.contains(UInt8(ascii: ":")), inet_pton(AF_INET6, address, &bytes) == 1 else {
            self = .address(address)
            return
        }
        let parts = withUnsafeBytes(of: bytes) { Array($0) }
        // ::ffff:a.b.c.d is an IPv4 client that reached an IPv6 socket (RFC 4291, section 2.5.5.2).
        if parts[..<10].allSatisfy({ $0 == 0 }), parts[10] == 0xFF, parts[11] == 0xFF {
            self = .address(parts[12...].map(String.init).joined(separator: "."))
        } else {
            self = .address(parts[..<8].map { String($0, radix: 16) }.joined(separator: ":") + "/64")
        }
    }

    /// The address or network, for records of who came from where.
    public var text: String {
        switch self {
        case .user(let user): user.description
        case .address(let address): address
        case .login(let login, _): login.description
        }
    }
}

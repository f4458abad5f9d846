import Foundation

/// Where NATS is, and how one gets in.
public struct NATSPlace: Sendable {
    /// Says what is wrong with an address, without what is secret in it.
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    enum Login: Sendable, Equatable {
        case user(String, password: String)
        case token(String)
    }

    /// Certificates that Debian trusts; the library knows none by itself.
    private static let trustedBySystem = "/etc/ssl/certs/ca-certificates.crt"

    /// Without what is secret.
    let servers: [String]
    let login: Login?
    /// Nil without TLS.
    let authorities: String?
    let credentials: String?

    /// - Parameters:
    ///   - addresses: of one server or of several of a cluster, separated by commas: `nats://HOST:PORT`, or `tls://…` for TLS. With
    ///     `USER:PASSWORD@` or `TOKEN@`, which holds for all that say nothing else.
    ///   - authorities: a PEM file with who may have signed the servers' certificates; nil for those that the system trusts.
    ///   - credentials: a file with a user's JWT and seed; nil for none.
    public init(_ addresses: String, authorities: String? = nil, credentials: String? = nil) throws(Problem) {
        var servers: [String] = []
        var login: Login?
        var schemes: Set<String> = []
        for text in addresses.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            guard var address = URLComponents(string: text), let scheme = address.scheme,
                ["nats", "tls"].contains(scheme), let host = address.host, !host.isEmpty,
                (1...65_535).contains(address.port ?? 4222), address.path.isEmpty, address.query == nil,
                address.fragment == nil
            else {
                throw Problem(
                    description:
                        "must look like nats://HOST:4222 or tls://HOST:4222; write @ and , in a password as %40 and %2C"
                )
            }
            let own = Self.login(in: address)
            guard own == nil || login == nil || own == login else {
                throw Problem(description: "must have one user for all servers")
            }
            login = login ?? own
            schemes.insert(scheme)
            (address.user, address.password) = (nil, nil)
            address.port = address.port ?? 4222
            servers.append(address.string ?? "")
        }
        guard let scheme = schemes.first else { throw Problem(description: "must name a server") }
        guard schemes.count == 1 else {
            throw Problem(description: "must have either nats:// or tls:// for all servers")
        }
        for file in [authorities, credentials] {
            if let file, !FileManager.default.isReadableFile(atPath: file) {
                throw Problem(description: "the file \(file) can't be read")
            }
        }
        guard scheme == "tls" || authorities == nil else {
            throw Problem(description: "certificates are looked at with tls:// only")
        }
        self.servers = servers
        self.login = login
        self.authorities = scheme == "tls" ? authorities ?? Self.trustedBySystem : nil
        self.credentials = credentials
    }

    private static func login(in address: URLComponents) -> Login? {
        guard let user = address.user, !user.isEmpty else { return nil }
        return address.password.map { .user(user, password: $0) } ?? .token(user)
    }
}

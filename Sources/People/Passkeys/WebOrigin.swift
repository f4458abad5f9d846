import Foundation

/// The origin of a page, in the form in which browsers write it (HTML Standard, section 7.1.1: origins).
struct WebOrigin: Sendable {
    let host: String
    /// `https://chat.example.org`, or with a port that is not the scheme's own.
    let text: String

    /// Nil when the address has no scheme of the Web or no host, or names a user.
    init?(_ address: String) {
        guard let url = URLComponents(string: address), url.user == nil, let scheme = url.scheme?.lowercased(),
            let host = url.host?.lowercased(), !host.isEmpty, let ownPort = ["http": 80, "https": 443][scheme]
        else { return nil }
        self.host = host
        let port = url.port.flatMap { $0 == ownPort ? nil : ":\($0)" } ?? ""
        self.text = "\(scheme)://\(host)\(port)"
    }
}

import Crypto

/// Shows that a message comes from a node of the instance: whoever else may send by the same way does not know the secret.
///
/// What is sealed can be read by everybody, and sent again; those who hear it have to bear that, as they bear what comes twice. What
/// says only that there is something is not sealed: it costs a look.
public struct BusSeal: Sendable {
    /// HMAC-SHA256 (RFC 2104), of which the first sixteen bytes go before the message.
    static let length_bytes = 16

    private let key: SymmetricKey

    /// - Parameter secret: the same on all nodes, and known to nobody else.
    public init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    func sealed(_ message: [UInt8], _ subject: BusSubject) -> [UInt8] {
        message.isEmpty ? [] : Array(code(of: message[...], subject)) + message
    }

    /// - Returns: nil for what no node has sent of that subject.
    func opened(_ bytes: [UInt8], _ subject: BusSubject) -> [UInt8]? {
        if bytes.isEmpty { return [] }
        let (seal, message) = (bytes.prefix(Self.length_bytes), bytes.dropFirst(Self.length_bytes))
        guard !message.isEmpty else { return nil }
        // In the same time whatever differs.
        let difference = zip(seal, code(of: message, subject)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 ? Array(message) : nil
    }

    private func code(of message: ArraySlice<UInt8>, _ subject: BusSubject) -> some Sequence<UInt8> {
        var authentication = HMAC<SHA256>(key: key)
        authentication.update(data: Array(subject.rawValue.utf8) + [0])
        authentication.update(data: message)
        return authentication.finalize().prefix(Self.length_bytes)
    }
}

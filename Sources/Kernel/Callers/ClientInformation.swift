/// Where a request comes from, for session lists and logs.
public struct ClientInformation: Sendable {
    public let address: String
    public let userAgent: String?
    /// `http` or `https`, and the `Host` that was asked for.
    public let origin: String

    public init(address: String, userAgent: String?, origin: String) {
        self.address = address
        self.userAgent = userAgent
        self.origin = origin
    }
}

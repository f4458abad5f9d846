/// Which client versions the server talks to.
public struct ClientVersionPolicy: Sendable {
    public let server: Version
    public let minimum: Version
    /// Where people get a newer client; shown in the 426.
    public let updateURL: String?

    public init(server: Version, minimum: Version, updateURL: String?) {
        self.server = server
        self.minimum = minimum
        self.updateURL = updateURL
    }

    /// - Throws: `INVALID_VERSION_FORMAT` or `VERSION_OUTDATED`, with the page's extra fields.
    @discardableResult
    public func admit(_ text: String) throws(APIError) -> Version {
        guard let version = Version(text) else {
            throw .invalidVersionFormat(clientVersion: text, policy: self)
        }
        guard version >= minimum else {
            throw .versionOutdated(clientVersion: text, policy: self)
        }
        return version
    }
}

/// What the operator knows of a provider.
public struct ProviderConfiguration: Sendable {
    /// How it is called in addresses: `google`.
    public let name: String
    /// Its address, exactly as it names itself.
    public let issuer: String
    public let clientID: String
    /// Nil for a public client, which PKCE protects alone.
    public let clientSecret: String?
    /// Separated by spaces.
    public let scopes: String

    public init(
        name: String, issuer: String, clientID: String, clientSecret: String?, scopes: String = "openid profile email"
    ) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes
    }
}

/// Who has logged in at the provider.
public struct ExternalIdentity: Sendable, Equatable {
    public let issuer: String
    /// Unique at the issuer, and never given to somebody else.
    public let subject: String
    public let email: String?
    /// Whether the provider vouches for the address being this person's.
    public let isEmailVerified: Bool
    /// Names that the person goes by, the most fitting first.
    public let names: [String]

    public init(issuer: String, subject: String, email: String?, isEmailVerified: Bool, names: [String]) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.names = names
    }
}

public enum OpenIDConnectError: Error, Sendable {
    /// The provider can't be reached, or does not speak OpenID Connect.
    case providerUnavailable(String)
    /// The provider does not accept the code, or what it says can't be trusted.
    case refused(String)
}

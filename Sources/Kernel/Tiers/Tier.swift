/// What an account may use of the instance (contract: REST, Admin).
public enum Tier: String, CaseIterable, Sendable {
    case standard
    case alpha
    case premium
    case staff

    /// What rate limits are multiplied by.
    public var rateMultiplier: Double {
        switch self {
        case .standard: 1
        case .alpha: 2
        case .premium: 3
        case .staff: 10
        }
    }
}

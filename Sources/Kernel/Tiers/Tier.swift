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

/// How much an account may have of things. Nil: as much as it likes.
public struct TierLimits: Sendable, Equatable {
    /// The same for all.
    public static let attachmentsPerMessage = 10

    public let file_bytes: Int
    public let uploadsPerDay: Int?
    public let servers: Int?
    /// In Unicode scalars.
    public let messageLength: Int
    /// How many kinds of reactions it can bring a message to.
    public let reactionKinds: Int
    public let pins: Int
}

extension Tier {
    public var limits: TierLimits {
        let mebibyte = 1 << 20
        return switch self {
        case .standard:
            TierLimits(
                file_bytes: 10 * mebibyte, uploadsPerDay: 50, servers: 100, messageLength: 4000, reactionKinds: 20,
                pins: 50)
        case .alpha:
            TierLimits(
                file_bytes: 25 * mebibyte, uploadsPerDay: 200, servers: 200, messageLength: 4000, reactionKinds: 20,
                pins: 50)
        case .premium:
            TierLimits(
                file_bytes: 100 * mebibyte, uploadsPerDay: 500, servers: 500, messageLength: 8000, reactionKinds: 30,
                pins: 100)
        case .staff:
            TierLimits(
                file_bytes: 100 * mebibyte, uploadsPerDay: nil, servers: nil, messageLength: 8000, reactionKinds: 50,
                pins: 250)
        }
    }
}

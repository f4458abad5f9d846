import Kernel

/// How much of something there may be: declared once, kept by the feature whose it is, told in `docs/limits.md`.
public struct Cap: Sendable {
    /// Of whom, or of what, there may be so much.
    public enum Owner: String, CaseIterable, Sendable {
        case person
        case server
        case channel
        case thread
        case group
        case message
        case event
        case instance
    }

    /// What happens to the one that would be too many.
    public enum Effect: Sendable {
        /// 400 `Invalid input`, with the number in the details of a field.
        case refused(field: String)
        /// It is taken, and the oldest goes.
        case oldestGoes
        /// It is left out, and the rest is done.
        case leftOut
    }

    /// In the plural: `bookmarks`.
    public let things: String
    public let owner: Owner
    public let maximum: Int
    public let effect: Effect
    /// What making one is counted in, besides everything that the caller does.
    public let bucket: RateLimitBucket?
    /// What else there is to say: what one may weigh, which setting or tier changes the number.
    public let remark: String

    package init(
        _ things: String, per owner: Owner, _ maximum: Int, _ effect: Effect, bucket: RateLimitBucket? = nil,
        _ remark: String = ""
    ) {
        self.things = things
        self.owner = owner
        self.maximum = maximum
        self.effect = effect
        self.bucket = bucket
        self.remark = remark
    }

    /// - Parameter count: how many there are already.
    /// - Throws: `.invalidInput` when there is no room for another.
    package func requireRoom(_ count: Int) throws(APIError) {
        guard count >= maximum else { return }
        let field = if case .refused(let field) = effect { field } else { things }
        throw .invalidInput(
            field, "there are \(maximum) \(things) already, which is the limit of the \(owner.rawValue)")
    }
}

extension Cap: CustomStringConvertible {
    /// As in `bookmarks of a person`.
    public var description: String {
        "\(things) of \([.instance, .event].contains(owner) ? "an" : "a") \(owner.rawValue)"
    }
}

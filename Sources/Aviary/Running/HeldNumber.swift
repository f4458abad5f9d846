/// A number that is leased, as far as its holder can know without asking.
struct HeldNumber: Sendable {
    /// What is written rests on it: on a number, and on having it without a break.
    struct Claim: Equatable, Sendable {
        let number: Int
        fileprivate let turn: Int
    }

    /// So long after the last renewal, by a clock that nobody sets, the number still counts as one's own.
    static let patience = Duration.seconds(45)
    private static let count = 1024

    private(set) var number: Int
    /// When the renewal began that was answered last: the lease runs from then on, or from later.
    private var renewedAt: ContinuousClock.Instant
    /// How often the number was lost, and another one taken or the same one again.
    private var turn = 0

    init(number: Int, renewedAt: ContinuousClock.Instant) {
        self.number = number
        self.renewedAt = renewedAt
    }

    /// The smallest number that nobody has.
    static func free(among taken: Set<Int>) -> Int? { (0..<count).first { !taken.contains($0) } }

    /// Nil when somebody else may have the number.
    ///
    /// Who writes needs the same one before and after: a machine may sleep in between, and what it makes then has a number that is
    /// somebody else's.
    func claim(at now: ContinuousClock.Instant) -> Claim? {
        now - renewedAt < Self.patience ? Claim(number: number, turn: turn) : nil
    }

    /// Somebody else has it, and what is written under it is in doubt until it was had again.
    mutating func lost(at moment: ContinuousClock.Instant) {
        renewedAt = moment - Self.patience
        turn += 1
    }

    mutating func renewed(at moment: ContinuousClock.Instant) { renewedAt = moment }

    /// Somebody else had the number, and may have made something with it.
    mutating func replaced(by number: Int, at moment: ContinuousClock.Instant) {
        self.number = number
        renewedAt = moment
        turn += 1
    }
}

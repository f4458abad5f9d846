import Kernel

/// The machine's clock was set, and the server does not follow it yet.
extension ClockStep: JSONObjectEncodable {
    public static let shape = JSONShape<ClockStep>(
        "ClockStep", .field("seconds", \.offset.wholeSeconds), .field("followed_at", \.takenAt))
}

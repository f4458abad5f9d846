import Events
import Features
import Gateway

extension Instance {
    /// Everything that clients can hear of, by features.
    public static let events: [EventDeclaration] = Live.events + features.types.flatMap { $0.events }
}

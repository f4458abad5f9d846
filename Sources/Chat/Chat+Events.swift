import EventLog
import Gateway

extension Chat {
    /// Everything that clients can hear of, by features.
    public static let events: [EventDeclaration] = Live.events + Features.types.flatMap { $0.events }
}

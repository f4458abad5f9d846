import Kernel

/// What a device is to show, on its way through the service of the device's maker, which can read it.
public struct OutgoingPush: Sendable {
    /// Both services take so much.
    static let maximum_bytes = 4096

    let title: String
    let body: String?
    /// Pushes of one topic take each other's place; at most 64 bytes.
    let topic: String?
    let isUrgent: Bool
    let expiresAt: Timestamp
    /// JSON, for the program on the device.
    let payload: [UInt8]

    public init(
        title: String, body: String?, topic: String?, isUrgent: Bool, expiresAt: Timestamp, payload: [UInt8]
    ) {
        self.title = title
        self.body = body
        self.topic = topic
        self.isUrgent = isUrgent
        self.expiresAt = expiresAt
        self.payload = payload
    }
}

/// What became of a push.
public enum PushOutcome: Sendable, Equatable {
    case sent
    /// The device takes no more.
    case gone
    /// To be tried again, not before so long has passed.
    case later(Duration?)
    /// Whatever is tried, it will not be taken; the words are for the log.
    case refused(String)
}

/// The service of a maker of devices.
public protocol MobilePushService: Sendable {
    /// Whether this may be what the service calls a device.
    func accepts(_ device: String) -> Bool

    /// - Throws: what keeps the service from being reached.
    func send(_ push: OutgoingPush, to device: String) async throws -> PushOutcome
}

/// What is wrong with the key that the operator has from the maker.
public struct MobilePushKeyError: Error, CustomStringConvertible {
    public let description: String
}

/// How a connection ends (contract: Gateway, close codes; RFC 6455, section 7.4.1).
public enum CloseCode: UInt16, CaseIterable, Sendable {
    case normal = 1000
    case protocolError = 1002
    case messageTooBig = 1009
    case unknownError = 4000
    case unknownOpcode = 4001
    case decodeError = 4002
    case notAuthenticated = 4003
    case authenticationFailed = 4004
    case alreadyAuthenticated = 4005
    case invalidSequence = 4007
    case rateLimited = 4008
    case sessionTimedOut = 4009
    case invalidShard = 4010
    case shardingRequired = 4011
    case invalidAPIVersion = 4012
    case invalidIntents = 4013
    case disallowedIntents = 4014
    case versionOutdated = 4015
    case serverMaintenance = 4016
    case serverShutdown = 4017
}

/// A close code with the words that go with it.
struct CloseReason: Error, Equatable {
    /// A close frame's payload is at most 125 bytes, two of which are the code (RFC 6455, section 5.5).
    static let maximumText_bytes = 123

    let code: CloseCode
    let text: String

    init(_ code: CloseCode, _ text: String) {
        self.code = code
        self.text = text
    }

    static func undecodable(_ text: String) -> CloseReason { CloseReason(.decodeError, text) }

    static let tooSlow = CloseReason(.unknownError, "too slow")
    static let internalError = CloseReason(.unknownError, "internal error")
    static let loginEnded = CloseReason(.authenticationFailed, "the login has ended")
    static let tooManyConnections = CloseReason(.rateLimited, "too many connections")
    static let tooManyFrames = CloseReason(.rateLimited, "too many frames")
}

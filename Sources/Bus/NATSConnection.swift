import CNATS
import Foundation
import Kernel

/// Why NATS can't be used.
struct NATSFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What went wrong last on this thread.
    init(_ status: natsStatus) {
        let detail = nats_GetLastError(nil).map { String(cString: $0) } ?? ""
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
        description = detail.isEmpty ? text : "\(text): \(detail)"
    }
}

/// A connection to NATS with one subscription. It ends with its first failure, and is not mended: whoever needs one makes another, so
/// that there is one way only in which things begin. The library calls nothing of ours, so it holds nothing of ours.
final class NATSConnection: Sendable {
    struct Message: Sendable, Equatable {
        let subject: String
        let content: [UInt8]
    }

    /// A server that answers nothing for three of these is away.
    private static let ping = Duration.seconds(1)
    private static let missingPings = 2
    /// For each server to let us in, and for what is written to be taken.
    private static let patience = Duration.seconds(2)
    /// What may wait to be heard; what comes then is lost.
    private static let maximumWaiting = 16_384
    private static let maximumWaiting_bytes: Int32 = 8 << 20

    // Safe from any thread: libnats locks whatever it does with a connection, and this one lives as long as `self`.
    nonisolated(unsafe) private let connection: OpaquePointer
    // Safe from any thread: libnats locks a subscription, too, and this one lives as long as `self`.
    nonisolated(unsafe) private let subscription: OpaquePointer

    private init(_ connection: OpaquePointer, _ subscription: OpaquePointer) {
        self.connection = connection
        self.subscription = subscription
    }

    deinit {
        natsSubscription_Destroy(subscription)
        natsConnection_Destroy(connection)
    }

    /// Connects to one of the servers. Blocks, for some seconds at most where names are found.
    /// - Parameters:
    ///   - subjects: what is heard, from everybody but oneself.
    ///   - probe: one of them that may be sent to: nobody minds an empty message there.
    static func open(_ place: NATSPlace, subjects: String, probe: String) throws(NATSFailure) -> NATSConnection {
        let options = try options(place)
        defer { natsOptions_Destroy(options) }
        var made: OpaquePointer?
        try check(natsConnection_Connect(&made, options))
        guard let made else { throw NATSFailure(NATS_ERR) }
        var subscribed: OpaquePointer?
        let status = natsConnection_SubscribeSync(&subscribed, made, subjects)
        guard status == NATS_OK, let subscribed else {
            natsConnection_Destroy(made)
            throw NATSFailure(status)
        }
        let connection = NATSConnection(made, subscribed)
        try check(
            natsSubscription_SetPendingLimits(subscribed, Int32(maximumWaiting), maximumWaiting_bytes))
        try connection.prove(probe)
        return connection
    }

    private static func check(_ status: natsStatus) throws(NATSFailure) {
        if status != NATS_OK { throw NATSFailure(status) }
    }

    private static func options(_ place: NATSPlace) throws(NATSFailure) -> OpaquePointer {
        var made: OpaquePointer?
        try check(natsOptions_Create(&made))
        guard let options = made else { throw NATSFailure(NATS_NO_MEMORY) }
        do throws(NATSFailure) {
            try set(place, options)
            try check(natsOptions_SetName(options, "aviary"))
            try check(natsOptions_SetTimeout(options, patience.wholeMilliseconds))
            try check(natsOptions_SetWriteDeadline(options, patience.wholeMilliseconds))
            try check(natsOptions_SetPingInterval(options, ping.wholeMilliseconds))
            try check(natsOptions_SetMaxPingsOut(options, Int32(missingPings)))
            try check(natsOptions_SetAllowReconnect(options, false))
            try check(natsOptions_SetNoEcho(options, true))
            // Else it waits for more to send.
            try check(natsOptions_SetSendAsap(options, true))
        } catch {
            natsOptions_Destroy(options)
            throw error
        }
        return options
    }

    private static func set(_ place: NATSPlace, _ options: OpaquePointer) throws(NATSFailure) {
        let servers = place.servers.map { strdup($0) }
        defer { for server in servers { free(server) } }
        var addresses = servers.map { UnsafePointer($0) }
        try check(natsOptions_SetServers(options, &addresses, Int32(addresses.count)))
        switch place.login {
        case .user(let user, let password): try check(natsOptions_SetUserInfo(options, user, password))
        case .token(let token): try check(natsOptions_SetToken(options, token))
        case nil: break
        }
        if let authorities = place.authorities {
            try check(natsOptions_SetSecure(options, true))
            try check(natsOptions_LoadCATrustedCertificates(options, authorities))
        }
        if let credentials = place.credentials {
            try check(natsOptions_SetUserCredentialsFromFiles(options, credentials, nil))
        }
    }

    /// Makes sure that we hear, may speak, and be as long as it takes.
    private func prove(_ probe: String) throws(NATSFailure) {
        let longest = natsConnection_GetMaxPayload(connection)
        guard longest >= MessageSize.maximum_bytes else {
            throw NATSFailure("its max_payload is \(longest) and must be \(MessageSize.maximum_bytes) or more")
        }
        try Self.check(natsConnection_Publish(connection, probe, nil, 0))
        try flush()
        var text: UnsafePointer<CChar>?
        let status = natsConnection_GetLastError(connection, &text)
        guard status == NATS_OK else { throw NATSFailure(text.map { String(cString: $0) } ?? "refused") }
    }

    // MARK: Messages

    /// Blocks for two seconds at most.
    func send(_ content: [UInt8], to subject: String) throws(NATSFailure) {
        try Self.check(natsConnection_Publish(connection, subject, content, Int32(clamping: content.count)))
    }

    /// Waits until the server has taken what was sent, for two seconds at most.
    func flush() throws(NATSFailure) {
        try Self.check(natsConnection_FlushTimeout(connection, Self.patience.wholeMilliseconds))
    }

    /// - Returns: nil when there was nothing for a second.
    func next() throws(NATSFailure) -> Message? {
        var made: OpaquePointer?
        let status = natsSubscription_NextMsg(&made, subscription, 1000)
        // It says so once when something is lost, and goes on.
        if status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER { return nil }
        guard status == NATS_OK, let made else { throw failure ?? NATSFailure(status) }
        defer { natsMsg_Destroy(made) }
        let count = Int(natsMsg_GetDataLength(made))
        let content = natsMsg_GetData(made).map { Array(UnsafeRawBufferPointer(start: $0, count: count)) } ?? []
        return Message(subject: natsMsg_GetSubject(made).map { String(cString: $0) } ?? "", content: content)
    }

    /// Why it has ended, as far as that is known.
    private var failure: NATSFailure? {
        var text: UnsafePointer<CChar>?
        let status = natsConnection_GetLastError(connection, &text)
        guard status != NATS_OK else { return nil }
        return text.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : NATSFailure($0) } ?? NATSFailure(status)
    }

    /// How many messages were lost because they were not heard in time.
    var lost: Int {
        var count: Int64 = 0
        return natsSubscription_GetDropped(subscription, &count) == NATS_OK ? Int(count) : 0
    }

    /// Where it leads; nil once it has ended.
    var address: String? {
        var buffer = [CChar](repeating: 0, count: 512)
        guard natsConnection_GetConnectedUrl(connection, &buffer, buffer.count) == NATS_OK else { return nil }
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }

    /// Whoever waits for a message is told that it has ended.
    func close() { natsConnection_Close(connection) }

    /// To be called by a thread that has used connections and ends.
    static func releaseThread() { nats_ReleaseThreadMemory() }
}

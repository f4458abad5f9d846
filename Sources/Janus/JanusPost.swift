import Kernel
import NIOConcurrencyHelpers

/// The connection to one run of Janus, and which room has which of its sessions.
final class JanusPost: Sendable {
    let connection: JanusConnection
    /// What devices are told of where the media server is.
    let address: String
    private let inboxes = NIOLockedValueBox<[Int64: AsyncStream<JSON>.Continuation]>([:])

    init(_ connection: JanusConnection, at address: String) {
        self.connection = connection
        self.address = address
    }

    /// - Parameter inbox: nil for nobody any more.
    func deliver(of session: Int64, to inbox: AsyncStream<JSON>.Continuation?) {
        inboxes.withLockedValue { $0[session] = inbox }
    }

    /// Hands everything on, until the connection ends.
    func run() async {
        for await message in connection.events {
            guard let session = message["session_id"]?.integer else { continue }
            _ = inboxes.withLockedValue { $0[session] }?.yield(message)
        }
    }
}

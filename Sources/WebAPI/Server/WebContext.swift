import Hummingbird
import Kernel
import Logging
import NIOCore

/// What accompanies a request through the router.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's address; until `ClientAddress` has looked, that of the connection.
    var remoteAddress: String
    /// Whether the client speaks TLS, with this process or with a proxy before it.
    var isEncrypted = false
    let requestID: String
    let channel: any Channel
    let meter = RequestMeter()

    init(source: ApplicationRequestContextSource) {
        let requestID = RequestID.make()
        var logger = source.logger
        // Hummingbird's own counter would only stand beside it.
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request_id"] = .string(requestID)
        self.coreContext = CoreRequestContextStorage(
            source: ApplicationRequestContextSource(channel: source.channel, logger: logger))
        self.remoteAddress = source.channel.remoteAddress?.ipAddress ?? "local"
        self.requestID = requestID
        self.channel = source.channel
    }
}

import NIOCore
import NIOPosix

/// How the sockets of sessions are set up.
enum SocketOptions {
    /// What the kernel may hold that has not been sent, so that a client which does not read costs little there, too.
    private static let unsent_bytes = 128 * 1024
    /// `TCP_NOTSENT_LOWAT`, see tcp(7); glibc does not give it to Swift under a name.
    private static let notSentLowWatermark: CInt = 25

    /// - Returns: the socket for direct writes; -1 when the channel is no plain TCP socket.
    static func prepare(_ channel: any Channel) -> Int32 {
        let receive = FixedSizeRecvByteBufferAllocator(capacity: 2048)
        try? channel.syncOptions?.setOption(.recvAllocator, value: receive)
        guard channel is any SocketOptionProvider else { return -1 }
        try? channel.syncOptions?.setOption(
            ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: notSentLowWatermark)),
            value: unsent_bytes)
        let socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        return socket ?? -1
    }
}

/// Whether a way leads from one node to another one.
public enum BusCheck {
    /// Sends something from one to the other, which nobody else takes for anything.
    /// - Parameter make: a new way, of which nobody has heard anything yet.
    /// - Returns: whether it came within a time.
    public static func carries(
        within limit: Duration = .seconds(10), _ make: () async throws -> any MessageBus
    ) async rethrows -> Bool {
        let (speaker, listener) = (try await make(), try await make())
        let arrival = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let message = (0..<16).map { _ in UInt8.random(in: 0...255) }
        // Whoever of both is connected last knows that the other one is.
        speaker.subscribe(to: .transient) { news in
            if news == .connected { speaker.publish(message, to: .transient) }
        }
        listener.subscribe(to: .transient) { news in
            switch news {
            case .connected: speaker.publish(message, to: .transient)
            case .message(let heard): if heard == message { arrival.continuation.yield(true) }
            }
        }
        speaker.start()
        listener.start()
        let patience = Task {
            try await Task.sleep(for: limit)
            arrival.continuation.yield(false)
        }
        var hasCome = false
        for await came in arrival.stream {
            hasCome = came
            break
        }
        patience.cancel()
        await speaker.close()
        await listener.close()
        return hasCome
    }
}

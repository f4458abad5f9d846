import Events
import Gateway
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import Testing

/// What happens between a session's snapshot and its taking part is told to nobody whom it does not concern.
@Suite(.timeLimit(.minutes(2))) struct ExceptionTests {
    @Test func `who is named as an exception neither hears nor sees more while a session begins`() async throws {
        let backend = TestBackend(["alice": 1, "bob": 2], seeing: [100])
        try await withServer(backend) { server in
            let gateway = server.gateway
            backend.state.withLockedValue { state in
                state.beforeSnapshot = {
                    gateway.publish([
                        Event(
                            position: 1, at: Timestamp(seconds: 0), name: .sight, intent: [],
                            audiences: [Audience(id: 100)],
                            payload: Array(#"{"gained":[200],"lost":[],"except":[1]}"#.utf8)),
                        .test(2, to: [200]),
                    ])
                    gateway.publishTransient(
                        .typingStart, payload: Array("{}".utf8), to: [Audience(id: 100)],
                        except: [Audience(id: 1)])
                    gateway.publish([.test(3, to: [100])])
                }
            }
            let alice = try await server.connect()
            try await alice.enter("alice")
            let first = try await alice.nextFrame()
            #expect(first["d"]?["n"]?.integer == 3, "\(first)")
            backend.state.withLockedValue { $0.beforeSnapshot = nil }
            let bob = try await server.connect()
            try await bob.enter("bob")
            #expect(try await bob.nextFrame()["d"]?["n"]?.integer == 2)
        }
    }
}

import Client
import Kernel
import NIOCore

/// The newest position that anybody has heard.
actor Frontier {
    private(set) var position: Int64 = 0

    func hears(_ position: Int64) { self.position = max(self.position, position) }
}

/// A client of the gateway that resumes at the next node when its socket ends or falls silent, and keeps an account of what it
/// hears.
actor Session {
    enum Failure: Error {
        case refused
        case stopped
    }

    /// A client that hears nothing for so long, not even that its own beat is answered, looks for another node.
    private static let silence = TimeAmount.seconds(6)

    private let token: String
    private let endpoints: [Endpoint]
    private let frontier: Frontier
    private var sessionID = ""
    private(set) var account: Account
    private(set) var position: Int64 = 0
    private var socket: GatewaySocket?
    /// The index of the endpoint that is tried next.
    private var turn = 0
    private var isStopped = false
    private var lastMessage = ContinuousClock.now
    private(set) var longestGap = Duration.zero

    /// - Parameter endpoints: the first is where it is at home.
    init(name: String, viewer: String?, token: String, endpoints: [Endpoint], frontier: Frontier) {
        self.token = token
        self.endpoints = endpoints
        self.frontier = frontier
        account = Account(name: name, viewer: viewer, start: 0)
    }

    /// Identifies at home; READY has come when it returns.
    /// - Returns: READY.
    @discardableResult
    func begin() async throws -> JSON {
        let socket = try await open()
        try await socket.send(["op": 2, "d": ["token": .string(token)]])
        var frame = try await socket.next(timeout: Self.silence)
        while frame["t"] != "READY" { frame = try await socket.next(timeout: Self.silence) }
        sessionID = frame["d"]?["session_id"]?.string ?? ""
        position = frame["s"]?.integer ?? 0
        account = Account(name: account.name, viewer: account.viewer, start: position)
        self.socket = socket
        lastMessage = .now
        return frame["d"] ?? .null
    }

    /// Listens until it is told to stop.
    func listen() async {
        while !isStopped {
            do {
                guard let socket else {
                    try await resume()
                    continue
                }
                await note(try await socket.next(timeout: Self.silence))
            } catch Failure.refused {
                // It is written down. What it can't do any more, it does not try for ever.
                isStopped = true
            } catch {
                await socket?.disconnect()
                socket = nil
                turn += 1
                // Whoever finds nobody does not ask all of them a thousand times.
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        await socket?.disconnect()
    }

    func stop() { isStopped = true }

    /// Goes to where it began, so that each node has somebody.
    func goHome() async {
        guard turn % endpoints.count != 0 else { return }
        turn = endpoints.count - 1
        await socket?.disconnect()
    }

    func hasHeard(_ id: String) -> Bool {
        account.heard.reversed().contains { if case .message(id, _, _) = $0.occurrence { true } else { false } }
    }

    private func open() async throws -> GatewaySocket {
        let socket = try await endpoints[turn % endpoints.count].openGateway()
        socket.beat(every: .seconds(2))
        _ = try await socket.next(timeout: Self.silence)
        return socket
    }

    private func note(_ frame: JSON) async {
        guard frame["op"] == 0, let position = frame["s"]?.integer else { return }
        self.position = max(self.position, position)
        await frontier.hears(position)
        guard let occurrence = Occurrence(frame["t"]?.string, frame["d"] ?? .null) else { return }
        account.heard.append(Heard(position: position, occurrence: occurrence))
        guard case .message = occurrence else { return }
        longestGap = max(longestGap, .now - lastMessage)
        lastMessage = .now
    }

    private func resume() async throws {
        let socket = try await open()
        let (start, known) = (position, await frontier.position)
        var end: Int64?
        defer {
            account.resumes.append(
                .init(after: start, through: end ?? position, decidedAfter: known, decidedBefore: end))
        }
        try await socket.send([
            "op": 6,
            "d": ["token": .string(token), "session_id": .string(sessionID), "seq": .integer(start)],
        ])
        while true {
            let frame = try await socket.next(timeout: Self.silence)
            if frame["op"] == 9 {
                account.refusals += 1
                throw Failure.refused
            }
            await note(frame)
            if frame["t"] == "RESUMED" {
                end = frame["s"]?.integer
                break
            }
        }
        self.socket = socket
    }

    /// What another client hears that resumes from a position of this one's, at one node.
    func replay(after position: Int64, at endpoint: Endpoint) async throws -> Account {
        let other = Session(
            name: "\(account.name) again after \(position) at \(endpoint.place)", viewer: account.viewer, token: token,
            endpoints: [endpoint], frontier: frontier)
        return try await other.replay(sessionID, after: position)
    }

    private func replay(_ sessionID: String, after position: Int64) async throws -> Account {
        self.sessionID = sessionID
        self.position = position
        account = Account(name: account.name, viewer: account.viewer, start: position)
        do { try await resume() } catch Failure.refused {}
        await socket?.disconnect()
        return account
    }
}

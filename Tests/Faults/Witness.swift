import Client
import Kernel
import NIOCore
import TestPrograms

/// A client of the gateway that resumes whenever its connection breaks, and writes down what it hears.
actor Witness {
    enum Failure: Error {
        case cannotResume
        case notHeard(String)
    }

    private let port: Int
    private let token: String
    private(set) var sessionID = ""
    private(set) var position: Int64 = 0
    private(set) var heard: [Sighting] = []
    private var socket: GatewaySocket?

    init(port: Int, token: String) {
        self.port = port
        self.token = token
    }

    /// Identifies; READY has come when it returns.
    func begin() async throws {
        let socket = try await GatewaySocket.connect(port: port)
        _ = try await socket.next()
        try await socket.send(["op": 2, "d": ["token": .string(token)]])
        let ready = try await socket.next()
        sessionID = ready["d"]?["session_id"]?.string ?? ""
        position = ready["s"]?.integer ?? 0
        self.socket = socket
    }

    /// Listens until the task is cancelled.
    func listen() async throws {
        while !Task.isCancelled {
            do {
                guard let socket else { throw ClientError.connectionClosed }
                note(try await socket.next(timeout: .milliseconds(200)))
            } catch ClientError.timedOut {
                continue
            } catch {
                self.socket = nil
                try await resume()
            }
        }
    }

    private func note(_ frame: JSON) {
        guard frame["op"] == 0 else { return }
        if let position = frame["s"]?.integer { self.position = position }
        if frame["t"] == "MESSAGE_CREATE", let message = frame["d"].flatMap(Sighting.init) { heard.append(message) }
    }

    /// Tries until the server is back. Once it is, resuming must work.
    private func resume() async throws {
        try await eventually {
            do {
                socket = try await resumed()
                return true
            } catch let failure as Failure {
                throw failure
            } catch {
                return false
            }
        }
    }

    private func resumed() async throws -> GatewaySocket {
        let socket = try await GatewaySocket.connect(port: port)
        _ = try await socket.next()
        try await socket.send([
            "op": 6,
            "d": ["token": .string(token), "session_id": .string(sessionID), "seq": .integer(position)],
        ])
        while true {
            let frame = try await socket.next()
            if frame["op"] == 9 { throw Failure.cannotResume }
            note(frame)
            if frame["t"] == "RESUMED" { return socket }
        }
    }

    /// Waits until a message has been heard.
    func hears(_ id: String) async throws {
        do {
            try await eventually(within: .seconds(10)) { heard.contains { $0.id == id } }
        } catch is NeverCameAbout {
            throw Failure.notHeard(id)
        }
    }

    /// Everything that another session is told when it resumes from a position.
    func replay(sessionID: String, after position: Int64, until id: String) async throws -> [Sighting] {
        self.sessionID = sessionID
        self.position = position
        try await resume()
        let listening = Task { try await listen() }
        try await hears(id)
        listening.cancel()
        return heard
    }
}

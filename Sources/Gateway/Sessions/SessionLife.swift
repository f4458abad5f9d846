import NIOCore

/// The life of a connection: what may be said when, and for how long it may stay silent. Pure: `Session` tells it what
/// happens, it says what is to be done.
struct SessionLife {
    enum Phase: Equatable {
        /// HELLO is sent; who it is must be told before the deadline.
        case connected(until: NIODeadline)
        /// IDENTIFY or RESUME is being looked into.
        case entering
        case active
        /// The close frame is sent; the client has until the deadline to answer it.
        case closing(until: NIODeadline)
        case closed
    }

    enum Effect {
        case nothing
        case acknowledge
        case identify(IdentifyRequest)
        case resume(ResumeRequest)
        case forward(FeatureRequest)
        case checkVersion(String?)
        case close(CloseReason)
        /// The TCP connection ends without more words.
        case disconnect
    }

    struct Limits: Sendable {
        let identifyTimeout: TimeAmount
        /// 1.5 heartbeat intervals.
        let silence: TimeAmount
        let farewell: TimeAmount
        /// Nil: as many as they like.
        let framesPerMinute: Int?
    }

    private(set) var phase: Phase
    private var lastHeartbeat: NIODeadline
    private var minuteBegan: NIODeadline
    private var framesThisMinute = 0

    init(_ limits: Limits, now: NIODeadline) {
        self.phase = .connected(until: now + limits.identifyTimeout)
        self.lastHeartbeat = now
        self.minuteBegan = now
    }

    /// Whether frames can still be sent to the client.
    var isOpen: Bool {
        switch phase {
        case .connected, .entering, .active: true
        case .closing, .closed: false
        }
    }

    // MARK: What the client does

    /// A frame of any kind came.
    mutating func frameArrived(_ limits: Limits, now: NIODeadline) -> CloseReason? {
        guard let most = limits.framesPerMinute, isOpen else { return nil }
        if now - minuteBegan >= .minutes(1) {
            minuteBegan = now
            framesThisMinute = 0
        }
        framesThisMinute += 1
        return framesThisMinute > most ? .tooManyFrames : nil
    }

    mutating func receive(_ message: ClientMessage, now: NIODeadline) -> Effect {
        guard isOpen else { return .nothing }
        switch message {
        case .heartbeat:
            lastHeartbeat = now
            return .acknowledge
        case .versionCheck(let version): return .checkVersion(version)
        case .identify(let request): return enter(.identify(request))
        case .resume(let request): return enter(.resume(request))
        case .members(let request): return whenActive(.forward(.members(request)))
        case .typing(let channel, let hasStopped):
            return whenActive(.forward(.typing(channel, hasStopped: hasStopped)))
        case .presence(let status): return whenActive(.forward(.presence(status)))
        case .unavailable(let opcode):
            return whenActive(.close(CloseReason(.unknownOpcode, "\(opcode.name) is not available")))
        }
    }

    private mutating func enter(_ effect: Effect) -> Effect {
        guard case .connected = phase else {
            return .close(CloseReason(.alreadyAuthenticated, "this connection has a session already"))
        }
        phase = .entering
        return effect
    }

    private func whenActive(_ effect: Effect) -> Effect {
        if phase == .active { return effect }
        return .close(CloseReason(.notAuthenticated, "IDENTIFY or RESUME must come first"))
    }

    // MARK: What the server does

    mutating func entered() { if phase == .entering { phase = .active } }

    /// What RESUME asked for can't be had: IDENTIFY may follow.
    /// - Returns: false when the client is beyond that.
    mutating func refused(_ limits: Limits, now: NIODeadline) -> Bool {
        guard phase == .entering else { return false }
        phase = .connected(until: now + limits.identifyTimeout)
        return true
    }

    /// - Returns: whether a close frame is to be sent; not when one was sent already.
    mutating func close(_ limits: Limits, now: NIODeadline) -> Bool {
        guard isOpen else { return false }
        phase = .closing(until: now + limits.farewell)
        return true
    }

    mutating func disconnected() { phase = .closed }

    // MARK: Time

    /// To be asked every now and then.
    func check(_ limits: Limits, now: NIODeadline) -> Effect {
        switch phase {
        case .closed: return .nothing
        case .closing(let deadline): return now >= deadline ? .disconnect : .nothing
        case .connected(let deadline) where now >= deadline:
            return .close(CloseReason(.notAuthenticated, "no IDENTIFY in time"))
        case .connected, .entering, .active:
            guard now - lastHeartbeat > limits.silence else { return .nothing }
            return .close(CloseReason(.sessionTimedOut, "no heartbeat"))
        }
    }
}

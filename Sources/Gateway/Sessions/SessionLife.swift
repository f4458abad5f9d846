import NIOCore

/// The life of a connection: what may be said when, and for how long it may stay silent. Pure: `Session` tells it what
/// happens, it says what is to be done.
struct SessionLife {
    enum Phase: Equatable {
        /// HELLO is sent; who it is must be told before the deadline.
        case connected(until: NIODeadline)
        /// IDENTIFY or RESUME is being looked into.
        case entering
        /// READY is sent, what happened since is being made up for. What is dispatched now would be ahead of that.
        case catchingUp
        /// Events come as they happen.
        case live(isAnswering: Bool)
        /// The close frame is on its way; at the deadline the connection ends whatever else happens.
        case closing(until: NIODeadline, Farewell)
        /// Nothing more is said or heard.
        case closed
    }

    enum Farewell {
        /// The client's close frame is to come.
        case unanswered
        /// The client's bytes make no sense any more, so that its close frame can't be seen.
        case deaf
        /// The close frame answers the client's, and is the last of the connection.
        case answering
    }

    enum Effect {
        case nothing
        case acknowledge(Int64?)
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
        /// Of calls, which are counted apart: from so many on they are refused, and from twice as many on the connection ends.
        var mediaFramesPerMinute: Int { 600 }
    }

    private(set) var phase: Phase
    private var lastHeartbeat: NIODeadline
    private var minuteBegan: NIODeadline
    private var framesThisMinute = 0
    private var mediaFramesThisMinute = 0

    init(_ limits: Limits, now: NIODeadline) {
        self.phase = .connected(until: now + limits.identifyTimeout)
        self.lastHeartbeat = now
        self.minuteBegan = now
    }

    /// Whether frames can still be sent to the client.
    var isOpen: Bool {
        switch phase {
        case .connected, .entering, .catchingUp, .live: true
        case .closing, .closed: false
        }
    }

    /// Whether what the client says still matters.
    var isListening: Bool {
        switch phase {
        case .connected, .entering, .catchingUp, .live, .closing(_, .unanswered): true
        case .closing, .closed: false
        }
    }

    var isLive: Bool { if case .live = phase { true } else { false } }

    var disconnectsWhenSent: Bool { if case .closing(_, .answering) = phase { true } else { false } }

    // MARK: What the client does

    /// A frame of any kind but those of calls came.
    mutating func frameArrived(_ limits: Limits, now: NIODeadline) -> CloseReason? {
        guard let most = limits.framesPerMinute, isOpen else { return nil }
        beginMinute(now)
        framesThisMinute += 1
        return framesThisMinute > most ? .tooManyFrames : nil
    }

    enum MediaFrame: Equatable {
        case counted
        /// It is not looked at, and the client is told so.
        case refused
        case tooMany
    }

    /// A frame of a call came.
    mutating func mediaFrameArrived(_ limits: Limits, now: NIODeadline) -> MediaFrame {
        guard limits.framesPerMinute != nil, isOpen else { return .counted }
        beginMinute(now)
        mediaFramesThisMinute += 1
        if mediaFramesThisMinute > 2 * limits.mediaFramesPerMinute { return .tooMany }
        return mediaFramesThisMinute > limits.mediaFramesPerMinute ? .refused : .counted
    }

    private mutating func beginMinute(_ now: NIODeadline) {
        guard now - minuteBegan >= .minutes(1) else { return }
        minuteBegan = now
        framesThisMinute = 0
        mediaFramesThisMinute = 0
    }

    mutating func receive(_ message: ClientMessage, now: NIODeadline) -> Effect {
        guard isOpen else { return .nothing }
        switch message {
        case .heartbeat(let position):
            lastHeartbeat = now
            return .acknowledge(position)
        case .versionCheck(let version): return .checkVersion(version)
        case .identify(let request): return enter(.identify(request))
        case .resume(let request): return enter(.resume(request))
        case .members(let request): return whenActive(.forward(.members(request)))
        case .typingStart(let channel): return whenActive(.forward(.typingStart(channel)))
        case .typingStop(let channel): return whenActive(.forward(.typingStop(channel)))
        case .presence(let status): return whenActive(.forward(.presence(status)))
        case .voice(let request): return whenActive(.forward(.voice(request)))
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
        switch phase {
        case .catchingUp, .live: effect
        case .entering:
            .close(CloseReason(.notAuthenticated, "wait for READY or RESUMED; until then the session has not begun"))
        default: .close(CloseReason(.notAuthenticated, "IDENTIFY or RESUME must come first"))
        }
    }

    /// Its bytes can't be told apart any more.
    mutating func understandsNoMore() {
        if case .closing(let deadline, .unanswered) = phase { phase = .closing(until: deadline, .deaf) }
    }

    /// Its close frame came first.
    mutating func clientCloses(_ limits: Limits, now: NIODeadline) {
        if isOpen { phase = .closing(until: now + limits.farewell, .answering) }
    }

    // MARK: What the server does

    mutating func welcomed() { if phase == .entering { phase = .catchingUp } }

    /// - Returns: false when the connection is at its end.
    mutating func attached() -> Bool {
        guard phase == .entering || phase == .catchingUp else { return false }
        phase = .live(isAnswering: false)
        return true
    }

    /// One request is answered after the other.
    /// - Returns: whether the next may be looked into.
    mutating func beginAnswer() -> Bool {
        guard phase == .live(isAnswering: false) else { return false }
        phase = .live(isAnswering: true)
        return true
    }

    mutating func endAnswer() { if isLive { phase = .live(isAnswering: false) } }

    /// What RESUME asked for can't be had: IDENTIFY may follow.
    /// - Returns: false when the client is beyond that.
    mutating func refused(_ limits: Limits, now: NIODeadline) -> Bool {
        guard phase == .entering else { return false }
        phase = .connected(until: now + limits.identifyTimeout)
        return true
    }

    /// A close frame is sent, unless one was sent already.
    mutating func close(_ limits: Limits, now: NIODeadline) {
        if isOpen { phase = .closing(until: now + limits.farewell, .unanswered) }
    }

    mutating func disconnected() { phase = .closed }

    // MARK: Time

    /// To be asked every now and then.
    func check(_ limits: Limits, now: NIODeadline) -> Effect {
        switch phase {
        case .closed: return .nothing
        case .closing(let deadline, _): return now >= deadline ? .disconnect : .nothing
        case .connected(let deadline) where now >= deadline:
            return .close(CloseReason(.notAuthenticated, "no IDENTIFY in time"))
        case .connected, .entering, .catchingUp, .live:
            guard now - lastHeartbeat > limits.silence else { return .nothing }
            return .close(CloseReason(.sessionTimedOut, "no heartbeat"))
        }
    }
}

import Events
import Kernel
import Logging
import NIOCore

/// The way from a token to live events: IDENTIFY and RESUME.
///
/// What happens between the snapshot that a session starts from and its taking part is made up for by the shard, or, when
/// that is too much, by reading on in the log. Nothing is left out that way, and nothing comes twice.
struct Entrance: Sendable {
    private static let attempts = 10
    /// Frames of a replay that are written together.
    private static let chunk_bytes = 64 * 1024

    /// What ends an entrance without the connection's end.
    private enum Setback: Error {
        /// RESUME can't be granted.
        case invalidSession
        /// The connection has ended meanwhile.
        case gone
    }

    let session: NIOLoopBound<Session>
    let services: Services
    let request: ConnectionRequest
    /// When the client asked to enter, as the shard counts time.
    let moment: UInt64

    // MARK: The two ways

    func identify(_ identify: IdentifyRequest) async {
        await run {
            if let version = identify.clientVersion {
                guard try await onLoop({ $0.admit(version) }) else { throw Setback.gone }
            }
            let shard = try identify.shard.map { json throws(CloseReason) in try SessionShard(json) }
            try Self.checkKnown(identify.intents)
            let issuedAt = services.clock.now()
            let identity = try await authenticate(identify.token, shard, issuedAt) {
                services.backend.connectionsElsewhere(of: $0.user)
            }
            try services.admission.identify(identity)
            let intents = try Self.intents(identify.intents, for: identity)
            if services.configuration.isRateLimited { try await services.backend.countStart(of: identity) }
            let snapshot = try await services.backend.snapshot(for: identity)
            let ticket = SessionTicket(
                user: identity.user, login: identity.login, intents: intents, shard: shard,
                issuedAt: issuedAt, epoch: snapshot.place.epoch)
            let data = ServerFrame.ready(
                snapshot, sessionID: ticket.sessionID(signedWith: services.configuration.sessionKey),
                resumeURL: services.configuration.publicURL ?? request.url, shard: shard)
            let ready = EventFrame(.ready, position: snapshot.place.position, data: data)
            let place = Place(position: snapshot.place.position, audiences: snapshot.audiences)
            let isAttached = try await onLoop { session in
                if identify.wantsCompression { session.compress() }
                session.welcome(ready)
                return try session.attach(at: place, intents: intents, since: moment, announce: nil)
            }
            if isAttached { return }
            let epoch = snapshot.place.epoch
            try await attach(
                at: try await replay(after: place.position, of: epoch, identity, intents), of: epoch, identity, intents,
                announce: nil)
        }
    }

    func resume(_ resume: ResumeRequest) async {
        await run {
            // Who comes back may have lost a connection to another node, which still counts it. If it is there after all, it is
            // one too many (`closeSurplus`).
            let ticket = SessionTicket(
                sessionID: resume.sessionID, signedWith: services.configuration.sessionKey)
            let identity = try await authenticate(resume.token, ticket?.shard, ticket?.issuedAt) { _ in 0 }
            guard let ticket, ticket.user == identity.user else { throw Setback.invalidSession }
            try services.admission.resume(identity)
            // A grant may have been taken back since.
            let intents = try Self.intents(identity.isBot ? ticket.intents.rawValue : nil, for: identity)
                .intersection(ticket.intents)
            let place = try await replay(after: resume.sequence, of: ticket.epoch, identity, intents)
            let data = try await services.backend.resumption(of: identity, after: resume.sequence, intents)
            try await attach(at: place, of: ticket.epoch, identity, intents) { position in
                EventFrame(.resumed, position: position, data: data())
            }
        }
    }

    private func run(_ way: () async throws -> Void) async {
        do {
            try await way()
        } catch Setback.gone {
        } catch Setback.invalidSession {
            try? await onLoop { $0.refuse() }
        } catch let refusal as GatewayRefusal {
            try? await onLoop { $0.close(refusal.closeReason) }
        } catch let reason as CloseReason {
            try? await onLoop { $0.close(reason) }
        } catch {
            if Task.isCancelled { return }
            services.logger.error("a gateway session can't begin", metadata: ["error": "\(error)"])
            try? await onLoop { $0.close(.internalError) }
        }
    }

    // MARK: Steps

    /// - Parameters:
    ///   - issuedAt: when the session began.
    ///   - elsewhere: how many connections of somebody on other nodes count.
    private func authenticate(
        _ token: String, _ shard: SessionShard?, _ issuedAt: Timestamp?, counting elsewhere: (GatewayIdentity) -> Int
    ) async throws -> GatewayIdentity {
        var moment = moment
        // A login that ends while its token is looked at is noticed by the event that says so. Only if the shard does not
        // remember that far back is the token looked at again.
        for _ in 0..<Self.attempts {
            guard var identity = try await services.backend.identity(forToken: token) else {
                throw CloseReason(.authenticationFailed, "the token is not valid")
            }
            identity.shard = shard
            identity.session = issuedAt?.milliseconds ?? 0
            let admitted = identity
            let (since, count) = (moment, elsewhere(identity))
            if try await onLoop({ try $0.admit(admitted, elsewhere: count, since: since) }) { return admitted }
            moment = try await onLoop { $0.shard.now }
        }
        throw CloseReason.internalError
    }

    static func checkKnown(_ bits: Int?) throws(CloseReason) {
        if let bits, bits & ~Intents.all.rawValue != 0 { throw CloseReason(.invalidIntents, "unknown intents") }
    }

    static func intents(_ bits: Int?, for identity: GatewayIdentity) throws(CloseReason) -> Intents {
        let refused = identity.refusedIntents
        guard let bits else { return .all.subtracting(refused) }
        try checkKnown(bits)
        // Whether messages come with their content is a question for bots; people's clients can always read it.
        let intents = Intents(rawValue: bits).union(identity.isBot ? [] : .messageContent)
        guard intents.isDisjoint(with: refused) else {
            throw CloseReason(.disallowedIntents, "the application was not granted these intents")
        }
        return intents
    }

    private func attach(
        at start: Place, of epoch: LogEpoch?, _ identity: GatewayIdentity, _ intents: Intents,
        announce: (@Sendable (Int64) -> EventFrame)?
    ) async throws {
        var place = start
        for _ in 0..<Self.attempts {
            let current = place
            let isAttached = try await onLoop {
                try $0.attach(at: current, intents: intents, since: moment, announce: announce)
            }
            if isAttached { return }
            place = try await replay(after: place.position, of: epoch, identity, intents)
        }
        throw CloseReason(.unknownError, "the server is too busy")
    }

    /// Sends what the log has after a position.
    /// - Returns: where that ends.
    private func replay(
        after position: Int64, of epoch: LogEpoch?, _ identity: GatewayIdentity, _ intents: Intents
    ) async throws -> Place {
        do {
            let (start, audiences) = try await services.backend.beginReplay(
                for: identity, after: position, of: epoch, limit: services.configuration.replayEvents)
            var replay = start
            var allowance_bytes = services.configuration.replayEvents * 1024
            while !replay.isFinished {
                let page = try await services.backend.continueReplay(replay)
                replay = page.replay
                allowance_bytes -= page.events.reduce(0) { $0 + $1.payload.count }
                guard allowance_bytes >= 0 else { throw Replay.Refusal.tooLong }
                try await send(page.events, identity, intents)
            }
            return Place(position: replay.end, audiences: audiences)
        } catch Replay.Refusal.pruned {
            throw Setback.invalidSession
        } catch Replay.Refusal.otherEpoch {
            throw Setback.invalidSession
        } catch Replay.Refusal.tooLong {
            throw Setback.invalidSession
        } catch Replay.Refusal.unknown {
            throw CloseReason(.invalidSequence, "seq is newer than the newest event")
        }
    }

    /// Goes at the pace of the client.
    private func send(_ events: [Event], _ identity: GatewayIdentity, _ intents: Intents) async throws {
        var chunk: [EventFrame] = []
        var bytes = 0
        let reader = ShardedReader(identity)
        for event in events where !event.name.isInternal && event.intent.isSubset(of: intents) {
            if let reader {
                let home = EventHome(event)
                guard event.audiences.contains(where: { reader.takes(home, as: $0, event.intent.bits) }) else {
                    continue
                }
            }
            chunk.append(EventFrame(event.name, position: event.position, data: event.payload))
            bytes += event.payload.count
            if bytes >= Self.chunk_bytes {
                try await send(chunk)
                chunk = []
                bytes = 0
            }
        }
        if !chunk.isEmpty { try await send(chunk) }
    }

    private func send(_ chunk: [EventFrame]) async throws {
        try await onLoop { $0.deliverUnbounded(chunk) }
        try await session.eventLoop.flatSubmit { session.value.whenSent() }.get()
    }

    /// - Throws: `Setback.gone` when the connection has ended meanwhile.
    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await session.eventLoop.submit {
            guard session.value.isOpen else { throw Setback.gone }
            return try body(session.value)
        }.get()
    }
}

import Kernel

/// What people send to a room, and what is kept from whom.
extension JanusRoom {
    /// Kinds that are heard.
    private static let audible: Set<String> = ["mic", "screen_audio"]

    /// Somebody sends, or sends something else.
    /// - Parameters:
    ///   - kinds: of the streams, by their media sections.
    ///   - attempt: a higher one than before begins with a new connection.
    /// - Returns: the answer.
    /// - Throws: `JanusError`; `.closed` for who is not there, and for an attempt that is not the newest.
    public func publish(
        _ id: String, _ offer: SessionDescription, _ kinds: [String: String], attempt: Int
    ) async throws -> String {
        guard let participant = participants[id], attempt >= participant.attempt else { throw JanusError.closed }
        if attempt > participant.attempt, participant.publication?.isUsed == true {
            try await begin(anew: id, participant)
        }
        participant.attempt = attempt
        guard let publication = participant.publication else { throw JanusError.closed }
        publication.isUsed = true
        let descriptions = kinds.map { mid, kind in
            JSON.object(["mid": .string(mid), "description": .string(kind)])
        }
        let (data, answer) = try await connection.tell(
            publication.handle, ["request": .string("configure"), "descriptions": .array(descriptions)],
            description: .object(["type": .string("offer"), "sdp": .string(offer.asked(from: post.address).text)]))
        guard let answer, participants[id] === participant, participant.publication === publication,
            let description = try? SessionDescription(answer)
        else { throw JanusError.closed }
        let sections = data["streams"]?.array ?? []
        publication.streams = [:]
        for section in sections {
            guard let mid = section["mid"]?.string, let kind = kinds[mid] else { continue }
            publication.streams[mid] = kind
        }
        // What somebody may not send is kept back before they are told that they can: a new connection forgets it.
        publication.silenced = []
        try await silence(id, participant)
        if publication.isUp { await settleAll() }
        return description.offering(only: post.address).text
    }

    func begin(anew id: String, _ participant: Participant) async throws {
        guard let old = participant.publication else { return }
        participant.publication = nil
        names[old.name] = nil
        handles[old.handle] = nil
        _ = try? await connection.request("detach", of: old.handle.session, ["handle_id": .integer(old.handle.number)])
        try await enter(id, participant)
    }

    /// - Throws: `JanusError`.
    public func add(candidate: String, mid: String?, line: Int?, of id: String, to side: Side) async throws {
        guard let participant = participants[id], let handle = handle(of: participant, side) else { return }
        guard !candidate.isEmpty else {
            return try await connection.trickle(.object(["completed": .bool(true)]), to: handle)
        }
        guard ICECandidate.mayBeAsked(candidate, from: post.address) else { return }
        var fields: [String: JSON] = ["candidate": .string(candidate)]
        if let mid { fields["sdpMid"] = .string(mid) }
        fields["sdpMLineIndex"] = .integer(Int64(line ?? 0))
        try await connection.trickle(.object(fields), to: handle)
    }

    /// Which of the two connections of a person.
    public enum Side: Sendable {
        case publishing
        case subscribing
    }

    func handle(of participant: Participant, _ side: Side) -> JanusHandle? {
        switch side {
        case .publishing: participant.publication?.handle
        case .subscribing: participant.subscription?.handle
        }
    }

    // MARK: Rules

    /// What is kept from whom changes.
    /// - Throws: `JanusError`.
    public func apply(_ rule: Rule, to id: String) async throws {
        guard let participant = participants[id], participant.rule != rule else { return }
        participant.rule = rule
        try await silence(id, participant)
        try await deafen(participant)
    }

    func silence(_ id: String, _ participant: Participant) async throws {
        guard let publication = participant.publication else { return }
        for (mid, kind) in publication.streams.sorted(by: { $0.key < $1.key }) {
            let isSilenced = participant.rule.silenced.contains(kind)
            guard isSilenced != publication.silenced.contains(mid) else { continue }
            _ = try await connection.tell(
                ruler,
                [
                    "request": .string("moderate"), "room": .string(name), "secret": .string(secrets.rooms),
                    "id": .string(publication.name), "mid": .string(mid), "mute": .bool(isSilenced),
                ])
            if isSilenced { publication.silenced.insert(mid) } else { publication.silenced.remove(mid) }
        }
    }

    func deafen(_ participant: Participant) async throws {
        guard let subscription = participant.subscription else { return }
        let wrong = subscription.sections.filter { section in
            Self.audible.contains(section.stream.kind)
                && participant.rule.isDeaf != subscription.paused.contains(section.stream.mid)
        }
        guard !wrong.isEmpty else { return }
        let isDeaf = participant.rule.isDeaf
        for mid in wrong.map(\.stream.mid) {
            if isDeaf { subscription.paused.insert(mid) } else { subscription.paused.remove(mid) }
        }
        let streams = wrong.map { JSON.object(["mid": .string($0.stream.mid), "send": .bool(!isDeaf)]) }
        _ = try await connection.tell(
            subscription.handle, ["request": .string("configure"), "streams": .array(streams)])
    }
}

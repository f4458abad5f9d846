import Bus
import Database
import Events
import Features
import Janus
import Kernel
import Logging

/// Rooms whose media go through a media server: which node has them, and what devices say to it.
///
/// A room is a node's by a lease in the database. Whichever node a device is connected to hands on what it says; the node of the room
/// looks again whether it may say so.
extension Voice {
    /// How long a node has a room after having said that it is there.
    static let lease = Duration.seconds(10)
    private static let roomsAtOnce = 50

    // MARK: Which way

    /// The node that a room has, or gets with somebody who comes now; nil where each device sends to each.
    /// - Parameter isReady: whether this node has a media server.
    func node(
        of channel: ChannelID, for holder: VoiceState.Holder, ifReady readiness: VoiceReadiness, _ tx: Transaction
    )
        throws -> String?
    {
        let room = try VoiceRoomStore.room(channel, tx)
        if let node = room?.node, node == self.node || (!isAlone && (room?.leasedUntil ?? tx.now) > tx.now) {
            return node == self.node && readiness == .none ? nil : node
        }
        guard readiness == .ready else { return nil }
        // A room in which each sends to each stays so while somebody is in it.
        let isUnderWay =
            try room?.node == nil
            && VoiceStore.states(in: channel, tx).contains { $0.device != nil && $0.holder != holder }
        return isUnderWay ? nil : self.node
    }

    /// Whether this node has a media server that is ready.
    enum VoiceReadiness: Sendable {
        case none
        case ready
    }

    func readiness() async -> VoiceReadiness { await rooms.isReady() ? .ready : .none }

    /// Where there is no other node, what another one has had is free.
    var isAlone: Bool { transient.node == nil }

    // MARK: What devices say

    /// Takes something to the media server of a room.
    /// - Throws: what this node's server says; another node's says nothing.
    func ask(_ node: String, _ request: VoiceRoomRequest) async throws {
        if node == self.node { return try await answer(request) }
        transient.node?.bus.publish(request.bytes(for: node), to: .voice)
    }

    /// What other nodes hand on.
    func hearNodes() {
        let node = node
        transient.node?.bus.subscribe(to: .voice) { news in
            guard case .message(let bytes) = news, let request = VoiceRoomRequest.read(bytes, for: node) else { return }
            Task {
                do {
                    try await answer(request)
                } catch {
                    parts.logger.debug("a device's words are not taken", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func answer(_ request: VoiceRoomRequest) async throws {
        let (state, room) = try await parts.database.read { tx in
            (try VoiceStore.state(request.place, tx), try VoiceRoomStore.room(request.channel, tx))
        }
        guard let state, state.channel == request.channel, state.device != nil, room?.node == node else {
            throw Self.noMedia
        }
        do {
            try await answer(request, of: state)
        } catch let error as JanusError {
            parts.logger.info("the media server has refused something", metadata: ["error": "\(error)"])
            guard case .refused = error else { throw APIError.serviceUnavailable }
            throw APIError.invalidInput("sdp", "is not understood by the media server")
        } catch let flaw as SessionDescription.Flaw {
            throw APIError.invalidInput("sdp", "\(flaw)")
        }
    }

    private func answer(_ request: VoiceRoomRequest, of state: VoiceState) async throws {
        let (channel, id) = (request.channel, "\(state.id)")
        if request.content == .enter { return try await enter(state, in: channel) }
        guard let room = await rooms.room(channel)?.room else { throw APIError.serviceUnavailable }
        switch request.content {
        case .enter: break
        case .publish(let sdp, let kinds, let attempt):
            let offer = try SessionDescription(sdp)
            let answer = try await room.publish(
                id, offer, try VoiceStreams.kinds(of: offer, as: kinds), attempt: attempt)
            tell(
                .voiceAnswer,
                VoiceDescriptionEvent(
                    channel: channel, server: state.server, peer: .publishing, sdp: answer, streams: nil,
                    generation: attempt), to: [state.ownAudience])
        case .accept(let sdp, let generation):
            try await room.accept(id, try SessionDescription(sdp), generation: generation)
        case .candidate(let candidate, let mid, let line, let peer):
            try await room.add(
                candidate: candidate, mid: mid, line: line, of: id,
                to: peer == .publishing ? .publishing : .subscribing)
        }
    }

    private func enter(_ state: VoiceState, in channel: ChannelID) async throws {
        try await rooms.enter(state, in: channel) { event, channel in await hear(event, in: channel) }
        let servers = iceServers(for: state.user, at: parts.clock.now()).servers
        let update = try await parts.database.read { tx in
            let there = try VoiceStore.states(in: channel, tx).filter { $0.device != nil }
            return VoiceServerEvent(
                channel: channel, server: state.server, place: state.id, mode: .forwarding, servers: servers,
                isEncrypted: try Self.isEncrypted(there, in: channel, tx),
                epoch: try VoiceRoomStore.room(channel, tx)?.epoch ?? 0)
        }
        tell(.voiceServerUpdate, update, to: [state.ownAudience])
        await rooms.room(channel)?.room.begin("\(state.id)")
    }

    // MARK: What rooms say

    private func hear(_ event: JanusRoom.Event, in channel: ChannelID) async {
        switch event {
        case .offer(let id, let sdp, let streams, let generation):
            guard let open = await rooms.room(channel), let place = try? VoiceSessionID(parsing: id),
                let state = open.people[place]
            else { return }
            let reports = streams.compactMap { stream in
                (try? VoiceSessionID(parsing: stream.publisher)).flatMap { open.people[$0] }.map { publisher in
                    VoiceDescriptionEvent.Stream(mid: stream.mid, kind: stream.kind, user: publisher.user)
                }
            }
            tell(
                .voiceOffer,
                VoiceDescriptionEvent(
                    channel: channel, server: state.server, peer: .subscribing, sdp: sdp, streams: reports,
                    generation: generation), to: [state.ownAudience])
        case .speaking(let id, let speech):
            guard let open = await rooms.room(channel), let place = try? VoiceSessionID(parsing: id),
                let state = open.people[place]
            else { return }
            speak(
                speech == .begins ? 1 : 0, as: state, in: channel, to: open.people.values.filter { $0.id != state.id })
        }
    }

    // MARK: Keeping

    /// Keeps the rooms that are here, makes them what the database says, and takes over those of nodes that are gone.
    func keepRooms() async throws {
        guard rooms.server != nil else { return }
        try await renewRooms()
        await reviewRooms(rooms.channels)
        try await rooms.tend()
        try await takeOverRooms()
    }

    private func renewRooms() async throws {
        let own = rooms.channels
        guard !own.isEmpty else { return }
        let kept = try await parts.database.write { [node] tx in
            try VoiceRoomStore.renew(own, of: node, until: tx.now + Self.lease, tx)
        }
        for channel in Set(own).subtracting(kept) { await rooms.close(channel) }
    }

    func reviewRooms(_ channels: [ChannelID]) async {
        for channel in channels {
            do {
                let states = try await parts.database.read { tx in try VoiceStore.states(in: channel, tx) }
                await rooms.review(channel, states)
            } catch {
                parts.logger.warning("a room is not reviewed yet", metadata: ["error": "\(error)"])
            }
        }
    }

    private func takeOverRooms() async throws {
        guard rooms.server?.run != nil else { return }
        let abandoned = try await parts.database.read { [isAlone] tx in
            try VoiceRoomStore.abandoned(
                before: isAlone ? tx.now + Self.lease + Self.lease : tx.now, limit: Self.roomsAtOnce, tx)
        }
        for channel in Set(abandoned).subtracting(rooms.channels).sorted() {
            let isTaken = try await parts.database.write { tx in
                guard let room = try VoiceRoomStore.room(channel, tx), let old = room.node,
                    isAlone ? old != node : room.leasedUntil < tx.now
                else { return false }
                guard try VoiceStore.states(in: channel, tx).contains(where: { $0.device != nil }) else {
                    try VoiceRoomStore.release(channel, tx)
                    return false
                }
                try VoiceRoomStore.lease(channel, to: node, until: tx.now + Self.lease, tx)
                return true
            }
            if isTaken { await reopen(channel) }
        }
    }

    /// The media server is there again: what it had is made anew.
    func reopenRooms() async {
        for channel in await rooms.lost { await reopen(channel) }
    }

    private func reopen(_ channel: ChannelID) async {
        do {
            let states = try await parts.database.read { tx in try VoiceStore.states(in: channel, tx) }
            for state in states where state.device != nil { try await enter(state, in: channel) }
        } catch {
            parts.logger.warning("a room is not there again yet", metadata: ["error": "\(error)"])
        }
    }

    /// What was said here is said by another node from now on: rooms are free at once.
    package func leaveRooms() async {
        let own = rooms.channels
        guard !own.isEmpty else { return }
        do {
            _ = try await parts.database.write { [node] tx in
                try VoiceRoomStore.renew(own, of: node, until: tx.now, tx)
            }
        } catch {
            parts.logger.info("rooms are not given back", metadata: ["error": "\(error)"])
        }
    }
}

import Events
import Janus
import Kernel
import Logging
import NIOConcurrencyHelpers

/// The rooms that this node's media server has.
actor VoiceRooms {
    /// So long somebody waits for a media server that is about to be there.
    private static let patience = Duration.seconds(2)
    /// What a room says and nobody has told yet; a hundred people who begin to speak at once say a hundred things.
    private static let mostUntold = 16_384

    struct Open {
        let room: JanusRoom
        /// The start of the media server that has it.
        let run: Int
        /// Who is in it, as was last read.
        var people: [VoiceSessionID: VoiceState] = [:]
    }

    /// What is said in a room by itself.
    typealias Hearing = @Sendable (JanusRoom.Event, ChannelID) async -> Void

    /// Nil where there is none.
    nonisolated let server: JanusServer?
    private let logger: Logger
    private var rooms: [ChannelID: Open] = [:]
    private var opening: [ChannelID: Task<Open, any Error>] = [:]
    /// Those that are open, and those of which something may have changed.
    private nonisolated let known = NIOLockedValueBox<(open: Set<ChannelID>, changed: Set<ChannelID>)>(([], []))

    init(_ server: JanusServer?, logger: Logger) {
        self.server = server
        self.logger = logger
    }

    /// Whether rooms can be opened here, after having waited for a media server that is about to start.
    nonisolated func isReady() async -> Bool {
        guard let server else { return false }
        let start = ContinuousClock.now
        while server.run == nil, server.isExpected, .now - start < Self.patience {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return server.run != nil
    }

    // MARK: Opening and closing

    /// Somebody is in a room from now on, with media that begin anew.
    /// - Throws: `JanusError`.
    func enter(_ state: VoiceState, in channel: ChannelID, telling hear: @escaping Hearing) async throws {
        let open = try await open(channel, telling: hear)
        rooms[channel]?.people[state.id] = state
        try await open.room.join("\(state.id)", under: state.rule)
    }

    private func open(_ channel: ChannelID, telling hear: @escaping Hearing) async throws -> Open {
        guard let run = server?.run else { throw JanusError.closed }
        if let open = rooms[channel], open.run == run.number { return open }
        let logger = logger
        let task =
            opening[channel]
            ?? Task {
                // In their order.
                let (events, told) = AsyncStream.makeStream(
                    of: JanusRoom.Event.self, bufferingPolicy: .bufferingOldest(Self.mostUntold))
                let room = try await run.room("\(channel)", telling: { told.yield($0) }, logger: logger)
                Task { for await event in events { await hear(event, channel) } }
                return Open(room: room, run: run.number)
            }
        opening[channel] = task
        defer { opening[channel] = nil }
        let open = try await task.value
        // Of several who come at once, whoever goes on first notes it.
        if rooms[channel]?.room !== open.room { rooms[channel] = open }
        known.withLockedValue { _ = $0.open.insert(channel) }
        return open
    }

    func close(_ channel: ChannelID) async {
        known.withLockedValue { _ = $0.open.remove(channel) }
        guard let open = rooms.removeValue(forKey: channel) else { return }
        if open.run == server?.run?.number { await open.room.end() }
    }

    /// The room of a channel; nil for one that is not here, or that has gone with an earlier start.
    func room(_ channel: ChannelID) -> Open? {
        rooms[channel].flatMap { $0.run == server?.run?.number ? $0 : nil }
    }

    /// Those that were open when the media server ended.
    var lost: [ChannelID] {
        guard let run = server?.run else { return [] }
        return rooms.filter { $0.value.run != run.number }.keys.sorted()
    }

    nonisolated var channels: [ChannelID] { known.withLockedValue { $0.open.sorted() } }

    /// Somebody who is in the room, as was last read.
    func state(of place: String, in channel: ChannelID) -> VoiceState? {
        (try? VoiceSessionID(parsing: place)).flatMap { rooms[channel]?.people[$0] }
    }

    // MARK: Keeping to what is so

    /// Takes note of what may have changed who is in a room, or how.
    /// - Returns: whether something is to be reviewed.
    nonisolated func hear(_ events: [Event], named name: EventName) -> Bool {
        known.withLockedValue { known in
            guard !known.open.isEmpty else { return false }
            for event in events where event.name == name {
                for audience in event.audiences {
                    let channel = ChannelID(rawValue: audience.id)
                    if known.open.contains(channel) { known.changed.insert(channel) }
                }
            }
            return !known.changed.isEmpty
        }
    }

    nonisolated func takeChanged() -> [ChannelID] {
        known.withLockedValue { known in
            defer { known.changed = [] }
            return known.changed.sorted()
        }
    }

    /// Makes a room what the database says: who is not in it leaves it, and everybody is silenced and deafened as they are.
    func review(_ channel: ChannelID, _ states: [VoiceState]) async {
        guard let open = room(channel) else { return }
        let there = states.filter { $0.device != nil }
        guard !there.isEmpty else { return await close(channel) }
        rooms[channel]?.people = Dictionary(there.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let places = Set(there.map { "\($0.id)" })
        for stranger in await open.room.people.subtracting(places) { await open.room.leave(stranger) }
        for state in there {
            do {
                try await open.room.apply(state.rule, to: "\(state.id)")
            } catch {
                logger.warning("a rule of a room is not kept yet", metadata: ["error": "\(error)"])
            }
        }
    }

    func tend() async throws {
        for channel in channels {
            if let open = room(channel) { try await open.room.tend() }
        }
    }
}

extension VoiceState {
    /// What is kept from whom by the media server.
    var rule: JanusRoom.Rule {
        var silenced: Set<String> = []
        if measure.isMuted || isSuppressed { silenced.formUnion(["mic", "screen_audio"]) }
        if !choice.hasVideo { silenced.insert("camera") }
        if !choice.isStreaming { silenced.formUnion(["screen", "screen_audio"]) }
        return JanusRoom.Rule(silenced: silenced, isDeaf: measure.isDeafened || choice.isDeafened)
    }
}

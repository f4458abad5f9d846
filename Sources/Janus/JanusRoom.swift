import Kernel
import Logging

/// A room of the media server: who is in it sends streams to it, and is sent those of the others.
///
/// Each person has one session of Janus, which ends with them, and in it up to two connections: one by which they publish, and
/// one by which they are sent what others publish. What each is sent is always made to be what the others publish at that
/// moment, one offer at a time.
public actor JanusRoom {
    /// What a stream is: a label that the room hands on.
    public struct Stream: Sendable, Equatable {
        public let mid: String
        public let kind: String
        /// Whose it is.
        public let publisher: String
    }

    public enum Event: Sendable {
        /// What somebody is sent from now on. They have to answer before anything more is offered.
        case offer(to: String, sdp: String, streams: [Stream], generation: Int)
        /// Somebody begins to speak, or has ended.
        case speaking(String, Speech)
    }

    public enum Speech: Sendable {
        case begins
        case ends
    }

    /// What is to be kept from whom.
    public struct Rule: Sendable, Equatable {
        /// The kinds of streams by which somebody may not be heard or seen.
        public let silenced: Set<String>
        /// Whether they hear nothing.
        public let isDeaf: Bool

        public init(silenced: Set<String>, isDeaf: Bool) {
            self.silenced = silenced
            self.isDeaf = isDeaf
        }
    }

    /// What everything of a person together may take, in bit/s.
    private static let mostBitrate = 6_000_000

    let name: String
    let connection: JanusConnection
    let secrets: JanusConfiguration.Secrets
    /// Through which the room is ruled.
    let ruler: JanusHandle
    let tell: @Sendable (Event) -> Void
    let post: JanusPost
    let logger: Logger
    /// What Janus says to those in the room.
    let inbox: AsyncStream<JSON>.Continuation
    var participants: [String: Participant] = [:]
    /// By what Janus calls them.
    var names: [String: String] = [:]
    var handles: [JanusHandle: String] = [:]
    var counter = 0
    public internal(set) var strangers = 0

    init(
        _ name: String, at post: JanusPost, _ secrets: JanusConfiguration.Secrets, ruledBy ruler: JanusHandle,
        telling tell: @escaping @Sendable (Event) -> Void, logger: Logger
    ) async throws {
        self.name = name
        self.post = post
        connection = post.connection
        self.secrets = secrets
        self.ruler = ruler
        self.tell = tell
        self.logger = logger
        let messages: AsyncStream<JSON>
        (messages, inbox) = AsyncStream.makeStream(
            of: JSON.self, bufferingPolicy: .bufferingOldest(JanusConnection.mostUnheard))
        _ = try await connection.tell(
            ruler,
            [
                "request": .string("create"), "room": .string(name), "admin_key": .string(secrets.rooms),
                "secret": .string(secrets.rooms), "is_private": .bool(true), "permanent": .bool(false),
                "publishers": .integer(100), "bitrate": .integer(Int64(Self.mostBitrate)), "bitrate_cap": .bool(true),
                // Nobody is sent anything who is not seen to be there.
                "require_pvtid": .bool(true), "notify_joining": .bool(false),
                "audiocodec": .string("opus"), "videocodec": .string("vp8"), "opus_fec": .bool(true),
                "audiolevel_ext": .bool(true), "audiolevel_event": .bool(true),
                "audio_active_packets": .integer(10), "audio_level_average": .integer(50),
            ])
        Task { [weak self] in
            for await message in messages { await self?.hear(message) }
        }
    }

    /// Ends the room for everybody in it.
    public func end() async {
        for id in participants.keys { await leave(id) }
        inbox.finish()
        _ = try? await connection.tell(
            ruler, ["request": .string("destroy"), "room": .string(name), "secret": .string(secrets.rooms)])
    }

    // MARK: Coming and going

    /// Somebody is in the room from now on, with nothing under way. Whoever is there already begins anew. They are offered
    /// nothing before `begin`, so that they can be told of it first.
    /// - Throws: `JanusError`.
    public func join(_ id: String, under rule: Rule) async throws {
        await leave(id)
        let session = try await connection.request("create")["data"]?["id"]?.integer ?? 0
        let participant = Participant(session: session, rule: rule)
        participants[id] = participant
        post.deliver(of: session, to: inbox)
        do {
            try await enter(id, participant)
        } catch {
            // Whoever has come with another connection meanwhile stays.
            if participants[id] === participant { participants[id] = nil }
            await end(participant)
            throw error
        }
    }

    /// Somebody who has joined is offered what the others publish.
    public func begin(_ id: String) async {
        participants[id]?.hasBegun = true
        await settle(id)
    }

    func enter(_ id: String, _ participant: Participant) async throws {
        counter += 1
        let name = "\(id)-\(counter)"
        names[name] = id
        let handle = try await attach(to: participant.session)
        let (data, _) = try await connection.tell(
            handle,
            [
                "request": .string("join"), "ptype": .string("publisher"), "room": .string(self.name),
                "id": .string(name),
            ])
        guard participants[id] === participant else {
            names[name] = nil
            throw JanusError.closed
        }
        participant.publication = Publication(handle: handle, name: name)
        participant.privateID = data["private_id"]?.integer ?? 0
        handles[handle] = id
    }

    func attach(to session: Int64) async throws -> JanusHandle {
        let answer = try await connection.request(
            "attach", of: session, ["plugin": .string("janus.plugin.videoroom")])
        return JanusHandle(session: session, number: answer["data"]?["id"]?.integer ?? 0)
    }

    /// Somebody is not in the room any more. Their session takes everything with it that they had.
    public func leave(_ id: String) async {
        guard let participant = participants.removeValue(forKey: id) else { return }
        await end(participant)
        await settleAll()
    }

    func end(_ participant: Participant) async {
        post.deliver(of: participant.session, to: nil)
        names[participant.publication?.name ?? ""] = nil
        for handle in [participant.publication?.handle, participant.subscription?.handle].compactMap({ $0 }) {
            handles[handle] = nil
        }
        _ = try? await connection.request("destroy", of: participant.session)
    }

    public var people: Set<String> { Set(participants.keys) }
}

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

    /// So long a device has to answer before it is asked anew, with another connection.
    private static let patience = Duration.seconds(15)
    /// Kinds that are heard.
    private static let audible: Set<String> = ["mic", "screen_audio"]
    /// What everything of a person together may take, in bit/s.
    private static let mostBitrate = 6_000_000

    let name: String
    private let connection: JanusConnection
    private let secrets: JanusConfiguration.Secrets
    /// Through which the room is ruled.
    private let ruler: JanusHandle
    private let tell: @Sendable (Event) -> Void
    private let post: JanusPost
    private let logger: Logger
    /// What Janus says to those in the room.
    private let inbox: AsyncStream<JSON>.Continuation
    private var participants: [String: Participant] = [:]
    /// By what Janus calls them.
    private var names: [String: String] = [:]
    private var handles: [JanusHandle: String] = [:]
    private var counter = 0
    public private(set) var strangers = 0

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

    private func enter(_ id: String, _ participant: Participant) async throws {
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

    private func attach(to session: Int64) async throws -> JanusHandle {
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

    private func end(_ participant: Participant) async {
        post.deliver(of: participant.session, to: nil)
        names[participant.publication?.name ?? ""] = nil
        for handle in [participant.publication?.handle, participant.subscription?.handle].compactMap({ $0 }) {
            handles[handle] = nil
        }
        _ = try? await connection.request("destroy", of: participant.session)
    }

    public var people: Set<String> { Set(participants.keys) }

    // MARK: Publishing

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

    private func begin(anew id: String, _ participant: Participant) async throws {
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

    private func handle(of participant: Participant, _ side: Side) -> JanusHandle? {
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

    private func silence(_ id: String, _ participant: Participant) async throws {
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

    private func deafen(_ participant: Participant) async throws {
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

    // MARK: Being sent

    /// Somebody has answered what they were offered.
    /// - Throws: `JanusError`.
    public func accept(_ id: String, _ answer: SessionDescription, generation: Int) async throws {
        guard let participant = participants[id], let subscription = participant.subscription,
            subscription.generation == generation, subscription.offeredAt != nil
        else { return }
        let answered = subscription.offers
        _ = try await connection.tell(
            subscription.handle, ["request": .string("start")],
            description: .object(["type": .string("answer"), "sdp": .string(answer.asked(from: post.address).text)]))
        guard participant.subscription === subscription else { return }
        // Another offer may have come right behind.
        if subscription.offers == answered { subscription.offeredAt = nil }
        try await deafen(participant)
        await settle(id)
    }

    private func settleAll() async {
        for id in participants.keys.sorted() { await settle(id) }
    }

    /// Makes what somebody is sent what the others publish.
    private func settle(_ id: String) async {
        guard let participant = participants[id], participant.hasBegun, !participant.isSettling else { return }
        participant.isSettling = true
        defer { participant.isSettling = false }
        do {
            while participants[id] === participant, participant.subscription?.offeredAt == nil {
                guard try await offerDifference(to: id, participant) else { break }
            }
        } catch {
            logger.warning("somebody is not sent what others publish", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: whether there may be more.
    private func offerDifference(to id: String, _ participant: Participant) async throws -> Bool {
        let wanted = Set(
            participants.filter { $0.key != id && $0.value.publication?.isUp == true }.flatMap { _, other in
                (other.publication?.streams.keys).map { mids in
                    mids.map { Feed(name: other.publication?.name ?? "", mid: $0) }
                } ?? []
            })
        // What ends is taken out by Janus, which offers that by itself.
        let missing = wanted.subtracting(participant.subscription?.feeds ?? [])
        guard !missing.isEmpty else { return false }
        guard let subscription = participant.subscription else {
            try await subscribe(id, participant, to: missing)
            return false
        }
        subscription.offeredAt = .now
        // What is asked for twice is sent twice.
        subscription.requested.formUnion(missing)
        let (data, sdp) = try await connection.tell(
            subscription.handle,
            ["request": .string("update"), "subscribe": .array(missing.sorted().map(\.json))])
        guard participant.subscription === subscription else { return false }
        // Without a description it comes by itself, once an earlier one is answered.
        if let sdp {
            offer(id, subscription, data, sdp)
        } else if data["videoroom"]?.string == "updated" {
            subscription.offeredAt = nil
            read(data, into: subscription)
            return true
        }
        return false
    }

    private func subscribe(_ id: String, _ participant: Participant, to feeds: Set<Feed>) async throws {
        let handle = try await attach(to: participant.session)
        counter += 1
        let subscription = Subscription(handle: handle, generation: counter)
        subscription.offeredAt = .now
        participant.subscription = subscription
        handles[handle] = id
        let answer: (data: JSON, description: String?)
        do {
            answer = try await connection.tell(
                handle,
                [
                    "request": .string("join"), "ptype": .string("subscriber"), "room": .string(name),
                    "private_id": .integer(participant.privateID), "streams": .array(feeds.sorted().map(\.json)),
                ])
        } catch {
            // One who has gone meanwhile is a reason to be asked again, without them.
            await drop(participant, subscription)
            throw error
        }
        guard participant.subscription === subscription, let sdp = answer.description else { return }
        offer(id, subscription, answer.data, sdp)
    }

    private func offer(_ id: String, _ subscription: Subscription, _ data: JSON, _ sdp: String) {
        guard let description = try? SessionDescription(sdp) else {
            return logger.error("Janus offers what can't be read")
        }
        read(data, into: subscription)
        subscription.offeredAt = .now
        subscription.offers += 1
        tell(
            .offer(
                to: id, sdp: description.beginningByItself.offering(only: post.address).text,
                streams: subscription.sections.map(\.stream),
                generation: subscription.generation))
    }

    private func read(_ data: JSON, into subscription: Subscription) {
        subscription.sections = (data["streams"]?.array ?? []).compactMap { section in
            guard section["active"]?.bool == true, let mid = section["mid"]?.string,
                let feed = section["feed_id"]?.string, let feedMid = section["feed_mid"]?.string,
                // Whoever is not known any more is about to be left out.
                let publisher = names[feed]
            else { return nil }
            let stream = Stream(mid: mid, kind: section["feed_description"]?.string ?? "", publisher: publisher)
            return Subscription.Section(stream: stream, feed: Feed(name: feed, mid: feedMid))
        }
        subscription.paused.formIntersection(subscription.sections.map(\.stream.mid))
        subscription.requested.subtract(subscription.sections.map(\.feed))
    }

    private func drop(_ participant: Participant, _ subscription: Subscription) async {
        guard participant.subscription === subscription else { return }
        participant.subscription = nil
        handles[subscription.handle] = nil
        _ = try? await connection.request(
            "detach", of: participant.session, ["handle_id": .integer(subscription.handle.number)])
    }

    // MARK: What Janus says

    func hear(_ message: JSON) async {
        guard let session = message["session_id"]?.integer, let number = message["sender"]?.integer,
            let id = handles[JanusHandle(session: session, number: number)], let participant = participants[id]
        else { return }
        let side: Side = participant.publication?.handle.number == number ? .publishing : .subscribing
        switch (message["janus"]?.string, side) {
        case ("webrtcup", .publishing):
            participant.publication?.isUp = true
            await settleAll()
        case ("hangup", .publishing):
            participant.publication?.isUp = false
            participant.publication?.streams = [:]
            await settleAll()
        case ("hangup", .subscribing):
            if let subscription = participant.subscription { await drop(participant, subscription) }
        case ("event", _):
            await hear(message["plugindata"]?["data"] ?? .null, message["jsep"], of: id, participant, side)
        default: break
        }
    }

    private func hear(
        _ data: JSON, _ description: JSON?, of id: String, _ participant: Participant, _ side: Side
    ) async {
        switch (data["videoroom"]?.string, side) {
        case ("updated", .subscribing):
            guard let subscription = participant.subscription, let sdp = description?["sdp"]?.string else { return }
            offer(id, subscription, data, sdp)
        case ("talking", .publishing): speak(id, participant, .begins, data)
        case ("stopped-talking", .publishing): speak(id, participant, .ends, data)
        default: break
        }
    }

    /// Everybody is told of everybody; what somebody is told of themselves is what counts.
    private func speak(_ id: String, _ participant: Participant, _ speech: Speech, _ data: JSON) {
        guard let publication = participant.publication, data["id"]?.string == publication.name,
            let mid = data["mid"]?.string, publication.streams[mid] == "mic"
        else { return }
        tell(.speaking(id, speech))
    }

    // MARK: Upkeep

    /// Throws out whoever is there and is not known, and begins anew with whoever has not answered. To be called every few
    /// seconds.
    /// - Throws: `JanusError`.
    public func tend() async throws {
        let (data, _) = try await connection.tell(
            ruler, ["request": .string("listparticipants"), "room": .string(name), "secret": .string(secrets.rooms)])
        for participant in data["participants"]?.array ?? [] {
            guard let name = participant["id"]?.string, names[name] == nil else { continue }
            strangers += 1
            logger.error("somebody was in a room who should not be, and is thrown out", metadata: ["id": "\(name)"])
            _ = try await connection.tell(
                ruler,
                [
                    "request": .string("kick"), "room": .string(self.name), "secret": .string(secrets.rooms),
                    "id": .string(name),
                ])
        }
        for participant in participants.values {
            guard let subscription = participant.subscription, let since = subscription.offeredAt,
                .now - since > Self.patience
            else { continue }
            await drop(participant, subscription)
        }
        await settleAll()
    }
}

extension JanusRoom {
    /// Somebody in the room.
    private final class Participant {
        let session: Int64
        var privateID: Int64 = 0
        /// The newest attempt to publish.
        var attempt = 0
        var rule: Rule
        var publication: Publication?
        var subscription: Subscription?
        var hasBegun = false
        var isSettling = false

        init(session: Int64, rule: Rule) {
            self.session = session
            self.rule = rule
        }
    }

    private final class Publication {
        let handle: JanusHandle
        /// What Janus calls them, which is another one for each connection.
        let name: String
        /// Whether something was offered by it.
        var isUsed = false
        /// Whether media can flow: before, nobody can be sent them.
        var isUp = false
        /// Kinds by media sections.
        var streams: [String: String] = [:]
        var silenced: Set<String> = []

        init(handle: JanusHandle, name: String) {
            self.handle = handle
            self.name = name
        }
    }

    private final class Subscription {
        struct Section {
            let stream: Stream
            let feed: Feed
        }

        let handle: JanusHandle
        let generation: Int
        var sections: [Section] = []
        /// What was asked for and is in no section yet.
        var requested: Set<Feed> = []
        /// Since when an answer is waited for.
        var offeredAt: ContinuousClock.Instant?
        /// How many have been made.
        var offers = 0
        /// The sections of which nothing is sent.
        var paused: Set<String> = []

        init(handle: JanusHandle, generation: Int) {
            self.handle = handle
            self.generation = generation
        }

        var feeds: Set<Feed> { requested.union(sections.map(\.feed)) }
    }

    /// A stream that somebody publishes.
    private struct Feed: Hashable, Comparable {
        let name: String
        let mid: String

        var json: JSON { .object(["feed": .string(name), "mid": .string(mid)]) }

        static func < (one: Feed, other: Feed) -> Bool { (one.name, one.mid) < (other.name, other.mid) }
    }
}

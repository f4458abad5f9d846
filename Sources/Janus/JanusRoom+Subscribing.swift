import Kernel
import Logging

/// What people are sent by a room.
extension JanusRoom {
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

    func settleAll() async {
        for id in participants.keys.sorted() { await settle(id) }
    }

    /// Makes what somebody is sent what the others publish.
    func settle(_ id: String) async {
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
    func offerDifference(to id: String, _ participant: Participant) async throws -> Bool {
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

    func subscribe(_ id: String, _ participant: Participant, to feeds: Set<Feed>) async throws {
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

    func offer(_ id: String, _ subscription: Subscription, _ data: JSON, _ sdp: String) {
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

    func read(_ data: JSON, into subscription: Subscription) {
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

    func drop(_ participant: Participant, _ subscription: Subscription) async {
        guard participant.subscription === subscription else { return }
        participant.subscription = nil
        handles[subscription.handle] = nil
        _ = try? await connection.request(
            "detach", of: participant.session, ["handle_id": .integer(subscription.handle.number)])
    }
}

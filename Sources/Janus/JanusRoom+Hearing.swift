import Kernel
import Logging

/// What Janus says of a room by itself, and what it is asked now and then.
extension JanusRoom {
    /// So long a device has to answer before it is asked anew, with another connection.
    private static let patience = Duration.seconds(15)

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

    func hear(
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
    func speak(_ id: String, _ participant: Participant, _ speech: Speech, _ data: JSON) {
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

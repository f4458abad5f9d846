import Database
import Events
import Features
import Kernel

/// The keys with which devices encrypt what they send: the server knows who is in a room, and hands on what it can't read.
extension Voice {
    /// The key of a sender, sealed for one device.
    package struct SealedKey: Sendable {
        let user: UserID
        let device: String
        /// Base64.
        let sealed: String

        package init(user: UserID, device: String, sealed: String) {
            self.user = user
            self.device = device
            self.sealed = sealed
        }
    }

    /// Hands sealed keys on, each to the device that it is for: one of each epoch.
    /// - Throws: `.invalidInput` for another epoch than the room's, and for devices that are not in the room with a key or have had
    ///   one already; the others have theirs then.
    package func handOut(
        _ keys: [SealedKey], of epoch: Int, in channel: ChannelID, by holder: VoiceState.Holder
    ) async throws {
        let (states, current) = try await parts.database.read { tx in
            (try VoiceStore.states(in: channel, tx), try VoiceRoomStore.room(channel, tx)?.epoch)
        }
        guard let own = states.first(where: { $0.holder == holder }), let sender = own.device, !own.isPlain else {
            throw Self.noMedia
        }
        guard epoch == current else { throw APIError.invalidInput("epoch", "is not the one that the room is in") }
        let targets = keys.compactMap { key in
            states.first { $0.id != own.id && $0.user == key.user && $0.device?.id == key.device && !$0.isPlain }
                .map { (place: $0, sealed: key.sealed) }
        }
        var due = seats.handOut(to: targets.map(\.place.id), of: epoch, by: holder)
        let count = due.count
        for target in targets where due.remove(target.place.id) != nil {
            let event = VoiceKeyEvent(
                channel: channel, server: own.server, epoch: epoch, sender: holder.user, senderDevice: sender.id,
                sealed: target.sealed)
            tell(.voiceKeys, event, to: [target.place.ownAudience])
        }
        guard count == keys.count else {
            throw APIError.invalidInput("keys", "names a device that is not in the room with a key, or has had one")
        }
    }

    /// Whether those in a room encrypt is decided anew. They are told within a second or two.
    static func encryptionChanges(in channel: ChannelID, _ tx: Transaction) throws {
        try VoiceRoomStore.setStale(channel, tx)
    }

    static func isEncrypted(_ states: [VoiceState], in channel: ChannelID, _ tx: Transaction) throws -> Bool {
        try ChannelStore.channel(channel, tx).map { VoiceRules.isEncrypted(states, in: $0) } ?? false
    }
}

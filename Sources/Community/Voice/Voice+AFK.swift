import Database
import Features
import Kernel
import People

/// The channel of a server to which those are brought who are away, and in which nobody is heard.
extension Voice {
    private static let atOnce = 200

    /// Whether somebody who comes to a channel may only listen.
    static func isSuppressed(in place: Place, _ tx: Transaction) throws -> Bool {
        if !place.permissions.contains(.voiceSpeak) { return true }
        let server = try place.channel.server.flatMap { try ServerStore.server($0, tx) }
        return server?.afkChannel == place.channel.id
    }

    /// What is left of a state once permissions or the channel have changed.
    /// - Returns: nil for one that may not be there any more.
    static func reviewed(_ state: VoiceState, in place: Place, _ tx: Transaction) throws -> VoiceState? {
        guard var new = VoiceRules.reviewed(state, in: place.permissions) else { return nil }
        new.isSuppressed = try isSuppressed(in: place, tx)
        return new
    }

    /// Brings those away who have neither spoken nor been seen for as long as their server says.
    func moveAbsent() async throws {
        let quiet = seats.quiet.take(among: seats.present, at: parts.clock.now())
        for start in stride(from: 0, to: quiet.count, by: Self.atOnce) {
            try await moveAbsent(among: Array(quiet[start..<min(start + Self.atOnce, quiet.count)]))
        }
    }

    private func moveAbsent(among quiet: [VoiceQuiet.Spell]) async throws {
        guard !quiet.isEmpty else { return }
        let readiness = await readiness()
        let absent = try await parts.database.read { tx in
            try self.absent(among: quiet, ifReady: readiness, tx).map(\.spell)
        }
        guard !absent.isEmpty else { return }
        // No entry of the audit log: those name who has done something to somebody, and this is nobody's decision.
        let tellings = try await parts.database.write { tx in
            // One after the other, since each takes up room.
            try absent.flatMap { spell in
                try self.absent(among: [spell], ifReady: readiness, tx).flatMap { try change($0.old, to: $0.new, tx) }
            }
        }
        tell(tellings)
    }

    private func absent(
        among quiet: [VoiceQuiet.Spell], ifReady readiness: VoiceReadiness, _ tx: Transaction
    ) throws -> [(spell: VoiceQuiet.Spell, old: VoiceState, new: VoiceState)] {
        let rooms = try ServerStore.afkRooms(of: Set(quiet.map(\.server)).sorted(), tx)
        return try quiet.compactMap { spell in
            guard let room = rooms[spell.server], spell.duration >= .seconds(room.timeout_s),
                let old = try VoiceStore.state(spell.place, tx),
                let new = try moved(old, to: room.channel, ifReady: readiness, tx)
            else { return nil }
            return (spell, old, new)
        }
    }

    /// - Returns: nil for who stays: who shows something, is there already, is a bot, or finds no room or nothing in sight.
    private func moved(
        _ old: VoiceState, to channel: ChannelID, ifReady readiness: VoiceReadiness, _ tx: Transaction
    ) throws -> VoiceState? {
        guard old.channel != channel, !old.choice.hasVideo, !old.choice.isStreaming,
            try !UserStore.people(among: [old.user], tx).isEmpty,
            let place = try Self.place(channel, for: old.user, tx)
        else { return nil }
        let count = try VoiceStore.states(in: channel, tx).count
        let mode: VoiceMode =
            try node(of: channel, for: old.holder, ifReady: readiness, tx) == nil ? .mesh : .forwarding
        do { try VoiceRules.requireRoom(in: place.channel, besides: count, by: mode, for: nil) } catch { return nil }
        var new = old
        (new.channel, new.device, new.wasBrought) = (channel, nil, true)
        return try Self.reviewed(new, in: place, tx)
    }
}

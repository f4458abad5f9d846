import Database
import Events
import Features
import Kernel

/// What moderators do to those who are in voice channels.
extension Voice {
    struct Measures: Sendable {
        let isMuted: Bool?
        let isDeafened: Bool?
        let isSuppressed: Bool?
        let channel: Kernel.Change<ChannelID>
    }

    /// Mutes, deafens, moves or removes somebody; all of it or nothing.
    /// - Throws: `.memberNotFound`, `.invalidInput` for who is in no voice channel that the caller sees, `.accessDenied` where the
    ///   other channel is out of sight, `.permissionDenied`, `Channel is full`.
    func impose(_ measures: Measures, on user: UserID, in server: ServerID, by caller: Caller) async throws
        -> VoiceState
    {
        let readiness = await readiness()
        let (state, tellings) = try await parts.database.write { tx -> (VoiceState, [VoiceTelling]) in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.requireVoice()
            let target = try measures.channel.applied(to: nil).map { try Channels.place($0, for: caller.user, tx) }
            guard try MemberStore.isMember(user, of: server, tx) else { throw APIError.memberNotFound }
            // Nobody learns by this that somebody is in a channel that they do not see.
            guard let old = try VoiceStore.states(of: user, tx).first(where: { $0.server == server }),
                let place = try Self.place(old.channel, for: caller.user, tx)
            else { throw APIError.invalidInput("user_id", "is in no voice channel that you see") }
            var new = old
            try impose(measures, on: &new, in: place, by: standing, caller, tx)
            try store(new, tx)
            if let target { return try move(new, from: place, to: target, by: caller, ifReady: readiness, tx) }
            switch measures.channel {
            case .unchanged, .set: return (new, [])
            case .cleared:
                try place.require(.voiceMoveMembers)
                try Self.requireActable(user, by: standing, tx)
                try auditLog.record(.memberDisconnect, .user(user), in: server, by: caller, tx)
                return (new.left, try leave(new, tx))
            }
        }
        tell(tellings)
        return state
    }

    private static func requireActable(_ user: UserID, by standing: Standing, _ tx: Transaction) throws {
        _ = try Members.target(user, of: standing, permitting: .oneself, tx)
    }

    private func impose(
        _ measures: Measures, on state: inout VoiceState, in place: Place, by standing: Standing, _ caller: Caller,
        _ tx: Transaction
    ) throws {
        let old = state.measure
        if let isMuted = measures.isMuted {
            try place.require(.voiceMuteMembers)
            state.measure.isMuted = isMuted
        }
        if let isDeafened = measures.isDeafened {
            try place.require(.voiceDeafenMembers)
            state.measure.isDeafened = isDeafened
        }
        if measures.isSuppressed != nil {
            throw APIError.invalidInput("suppress", "is for stages, and this is none")
        }
        guard state.measure != old else { return }
        try Self.requireActable(state.user, by: standing, tx)
        try VoiceStore.set(state.measure, of: state.user, in: state.server, tx)
        try auditLog.record(
            .memberVoiceUpdate, .user(state.user), in: state.server, by: caller,
            changes: AuditChanges.between(old, state.measure), tx)
    }

    /// Somebody is brought to another channel, where they need not have the right to go by themselves, but see it.
    private func move(
        _ state: VoiceState, from place: Place, to target: Place, by caller: Caller, ifReady readiness: VoiceReadiness,
        _ tx: Transaction
    ) throws -> (VoiceState, [VoiceTelling]) {
        try place.require(.voiceMoveMembers)
        guard target.channel.server == state.server, target.channel.type == .voice else {
            throw APIError.invalidInput("channel_id", "is no voice channel of this server")
        }
        try target.require(.voiceMoveMembers)
        let id = target.channel.id
        guard id != state.channel else { return (state, []) }
        guard let own = try Self.place(target.channel.id, for: state.user, tx) else {
            throw APIError.invalidInput("channel_id", "is out of the member's sight")
        }
        let mode: VoiceMode =
            try node(of: id, for: state.holder, ifReady: readiness, tx) == nil ? .mesh : .forwarding
        try VoiceRules.requireRoom(
            in: target.channel, besides: try VoiceStore.states(in: id, tx).count, by: mode, for: nil)
        var new = state
        (new.channel, new.device, new.wasBrought) = (id, nil, true)
        guard let reviewed = try Self.reviewed(new, in: own, tx) else {
            throw APIError.invalidInput("user_id", "may not be in voice channels at the moment")
        }
        let tellings = try change(state, to: reviewed, tx)
        try auditLog.record(.memberMove, .user(state.user), in: state.server, by: caller, tx)
        return (reviewed, tellings)
    }

    /// A channel as somebody else sees it; nil for one that they do not.
    static func place(_ channel: ChannelID?, for user: UserID, _ tx: Transaction) throws -> Place? {
        guard let channel else { return nil }
        do {
            return try Channels.place(channel, for: user, tx)
        } catch is APIError {
            return nil
        }
    }
}

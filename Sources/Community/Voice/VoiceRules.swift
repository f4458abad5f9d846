import Kernel

/// Who may be in a voice channel, and how (contract: Voice).
enum VoiceRules {
    /// So many send to each other without a server between them; with more, each would have to send too much.
    static let maximumMesh = 4

    /// So many a media server has in one room.
    static let maximumForwarding = 100

    /// What somebody wants to do in a channel, if they may.
    /// - Parameters:
    ///   - count: how many others are there.
    ///   - own: the place that they have there already, be it with another device.
    /// - Throws: `.invalidInput`, `Permission denied` with the name of what is missing, `Channel is full`.
    static func requireEntry(
        _ place: Place, besides count: Int, insteadOf own: VoiceState?, by mode: VoiceMode
    ) throws(APIError) {
        guard place.channel.type == .voice else {
            throw .invalidInput("channel_id", "is no voice channel")
        }
        if own != nil { return }
        try place.require(.voiceConnect)
        try requireRoom(in: place.channel, besides: count, by: mode, for: place.permissions)
    }

    /// - Parameter permissions: of who comes by themselves. Whoever moves members passes the limit that a channel has, and so does
    ///   who is moved.
    static func requireRoom(
        in channel: Channel, besides count: Int, by mode: VoiceMode, for permissions: EffectivePermissions?
    ) throws(APIError) {
        let passes = permissions?.contains(.voiceMoveMembers) ?? true
        let isFull = channel.voice.userLimit > 0 && count >= channel.voice.userLimit && !passes
        let most =
            switch mode {
            case .mesh: maximumMesh
            case .forwarding: maximumForwarding
            }
        if isFull || count >= most { throw APIError(.channelIsFull) }
    }

    /// - Throws: `Permission denied` for a camera or a screen that may not be shown, `Channel is full` for one more camera than
    ///   the channel takes.
    static func require(
        _ choice: VoiceState.Choice, in place: Place, besides others: [VoiceState]
    ) throws(APIError) {
        if choice.hasVideo {
            try place.permissions.require(.voiceVideo)
            let count = others.count { $0.choice.hasVideo }
            if count >= place.channel.voice.videoLimit { throw APIError(.channelIsFull) }
        }
        if choice.isStreaming { try place.permissions.require(.voiceStream) }
    }

    /// - Throws: `Access denied` with the reason, for a device that can't encrypt where all have to.
    static func require(_ device: VoiceState.Device, in channel: Channel?) throws(APIError) {
        guard let channel, !admits(device, to: channel) else { return }
        let issue = FieldIssue("public_key", "is needed: what is said in this channel is encrypted")
        throw APIError(.accessDenied, details: [issue])
    }

    static func admits(_ device: VoiceState.Device?, to channel: Channel) -> Bool {
        channel.voice.encryption != .required || device == nil || device?.publicKey != nil
    }

    /// Whether devices encrypt for each other. One that can't makes all send openly, and all are told.
    static func isEncrypted(_ states: [VoiceState], in channel: Channel) -> Bool {
        channel.voice.encryption != .off && !states.contains(where: \.isPlain)
    }

    /// What is left of a state once permissions have changed.
    /// - Returns: nil for one that may not be there any more.
    static func reviewed(_ state: VoiceState, in permissions: EffectivePermissions) -> VoiceState? {
        guard permissions.contains(.channelsView), state.wasBrought || permissions.contains(.voiceConnect),
            !permissions.isSilenced
        else { return nil }
        var new = state
        new.isSuppressed = !permissions.contains(.voiceSpeak)
        new.hasPriority = permissions.contains(.voicePrioritySpeaker)
        if !permissions.contains(.voiceVideo) { new.choice.hasVideo = false }
        if !permissions.contains(.voiceStream) { new.choice.isStreaming = false }
        return new
    }
}

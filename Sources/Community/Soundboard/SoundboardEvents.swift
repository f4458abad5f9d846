import Events

extension Soundboard {
    package static let events: [EventDeclaration] = [.init(.guildSoundboardUpdate), .init(.voiceSoundPlay)]
}

extension EventKind where Payload == SoundboardEvent {
    static var guildSoundboardUpdate: Self {
        Self(
            "GUILD_SOUNDBOARD_UPDATE", intents: .always(.guildEmojis), heardBy: "members",
            "Sounds were made, changed or deleted: all that there are now.")
    }
}

extension TransientEventKind where Payload == SoundPlayEvent {
    static var voiceSoundPlay: Self {
        Self(
            "VOICE_SOUND_PLAY", intents: .always(.guildVoiceStates),
            heardBy: "the devices in the channel, but of those whom moderators have deafened",
            "Somebody plays a sound in a voice channel: who hears it fetches it and plays it, at `volume` from 0 to 1.")
    }
}

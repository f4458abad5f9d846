import Database
import Events
import Features
import Files
import Kernel
import Media

/// Sounds of servers, and those that everybody has: making, changing, deleting and playing them.
///
/// Nothing of a sound passes through a call: those who are in it are told, and fetch and play it themselves.
package struct Soundboard: Sendable {
    static let cap = Cap("sounds", per: .server, 24, .refused(field: "sound"), bucket: .upload)
    static let maximum_bytes = 512 * 1024
    static let longest_ms = 5200

    let parts: Parts
    let blobs: Blobs
    let intake: Intake
    let voice: Voice
    let auditLog: AuditLog

    /// What is said of a sound besides its file.
    struct Texts: Sendable {
        let name: String
        let volume: SoundVolume
        let emoji: String?
    }

    struct Change: Sendable {
        let name: String?
        let volume: SoundVolume?
        let emoji: Kernel.Change<String>
    }

    // MARK: Making

    /// Whether the caller may bring one at the moment.
    /// - Throws: `.permissionDenied`, `.invalidInput` where there is no room.
    func requireRoom(in server: ServerID, for caller: Caller) async throws {
        try await parts.database.read { tx in try Self.requireRoom(in: server, for: caller, tx) }
    }

    private static func requireRoom(in server: ServerID, for caller: Caller, _ tx: Transaction) throws {
        try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        try cap.requireRoom(try SoundStore.sounds(of: server, tx).count)
    }

    /// - Throws: `.permissionDenied`, `.invalidFileType`, `.invalidInput` for what is too long, and for one too many.
    func create(_ file: ReceivedFile, _ texts: Texts, in server: ServerID, by caller: Caller) async throws -> Sound {
        let (kept, duration_ms) = try await intake.sound(file, limit_ms: Self.longest_ms)
        return try await blobs.keep(kept, .ogg) { blob, tx in
            // A good while may have passed since the file came.
            try Self.requireRoom(in: server, for: caller, tx)
            let sound = Sound(
                id: parts.ids.next(), server: server, name: texts.name, volume: texts.volume, emoji: texts.emoji,
                blob: blob.id, duration_ms: duration_ms, size_bytes: blob.size_bytes, creator: caller.user,
                createdAt: tx.now)
            try SoundStore.insert(sound, tx)
            try tell(server, tx)
            try auditLog.record(
                .soundCreate, .sound(sound.id), in: server, by: caller, changes: AuditChanges.between(nil, sound), tx)
            return sound
        }
    }

    private func tell(_ server: ServerID, _ tx: Transaction) throws {
        tx.emit(
            .guildSoundboardUpdate, SoundboardEvent(server: server, sounds: try SoundStore.sounds(of: server, tx)),
            to: .server(server))
    }

    // MARK: Reading

    /// - Throws: `.serverNotFound`, `.accessDenied`.
    func list(_ server: ServerID, for caller: Caller) async throws -> [Sound] {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            return try SoundStore.sounds(of: server, tx)
        }
    }

    /// The file of a server's sound, for its members.
    /// - Throws: `.resourceNotFound`, also for one of a server that the caller is no member of.
    func file(of id: SoundID, for caller: Caller) async throws -> Blob {
        let blob = try await parts.database.read { tx -> Blob? in
            let sound = try SoundStore.sound(id, tx)
            // Asked of no server where there is no sound, so that it takes as long for who is to know of neither.
            let isMember = try MemberStore.isMember(caller.user, of: sound?.server ?? ServerID(rawValue: 0), tx)
            return isMember ? try sound?.blob.flatMap { try BlobStore.blob($0, tx) } : nil
        }
        guard let blob else { throw APIError.resourceNotFound }
        return blob
    }

    // MARK: Changing

    /// - Throws: `.permissionDenied`, `.resourceNotFound`.
    func change(_ id: SoundID, _ change: Change, of server: ServerID, by caller: Caller) async throws -> Sound {
        try await parts.database.write { tx in
            let old = try Self.managed(id, of: server, by: caller, tx)
            var new = old
            new.name = change.name ?? old.name
            new.volume = change.volume ?? old.volume
            new.emoji = change.emoji.applied(to: old.emoji)
            let changes = AuditChanges.between(old, new)
            guard !changes.isEmpty else { return old }
            try SoundStore.update(new, tx)
            try tell(server, tx)
            try auditLog.record(.soundUpdate, .sound(id), in: server, by: caller, changes: changes, tx)
            return new
        }
    }

    /// - Throws: `.permissionDenied`, `.resourceNotFound`.
    func delete(_ id: SoundID, of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let sound = try Self.managed(id, of: server, by: caller, tx)
            try SoundStore.delete(sound, tx)
            try tell(server, tx)
            try auditLog.record(
                .soundDelete, .sound(id), in: server, by: caller, changes: AuditChanges.between(sound, nil), tx)
        }
    }

    private static func managed(
        _ id: SoundID, of server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws -> Sound {
        try Servers.standing(of: caller.user, in: server, tx).permissions.require(.emojisManage)
        guard let sound = try SoundStore.sound(id, tx), sound.server == server else {
            throw APIError.resourceNotFound
        }
        return sound
    }

    // MARK: Playing

    /// Has those who are in a voice channel play a sound. Whom moderators have deafened is not told.
    /// - Throws: `.channelNotFound`; `.accessDenied` for a channel out of sight, or in which the caller has no place;
    ///   `.permissionDenied` for whom nobody hears; `.resourceNotFound` for a sound of another server.
    func play(_ id: SoundID, in channel: ChannelID, by caller: Caller) async throws {
        let (event, hearers) = try await parts.database.read { tx -> (SoundPlayEvent, [VoiceState]) in
            let place = try Channels.place(channel, for: caller.user, tx)
            try place.require(.voiceSpeak)
            try place.require(.voiceUseSoundboard)
            let there = try VoiceStore.states(in: channel, tx)
            guard let server = place.channel.server, let own = there.first(where: { $0.user == caller.user }) else {
                throw APIError.accessDenied
            }
            try SoundRules.requireHeard(own)
            let sound = try DefaultSound.sound(id)?.sound ?? SoundStore.sound(id, tx)
            guard let sound, sound.isAvailable, sound.belongs(to: server) else { throw APIError.resourceNotFound }
            let event = SoundPlayEvent(
                channel: channel, server: server, user: caller.user, sound: id, volume: sound.volume)
            return (event, there.filter { !$0.measure.isDeafened })
        }
        voice.tell(.voiceSoundPlay, event, to: hearers.map(\.ownAudience))
    }
}

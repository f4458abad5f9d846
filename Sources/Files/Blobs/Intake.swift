import Database
import Features
import Kernel
import Logging
import Media
import NIOCore

/// What is done with every file before it is stored: is it allowed, what is it, and what does it tell that it should not?
package struct Intake: Sendable {
    /// The largest form in which a picture is shown besides its own.
    static let preview_pixels = 512

    let parts: Parts
    let blobs: Blobs

    /// A file as it may be stored, and what is known of it.
    package struct Accepted: Sendable {
        package let file: ReceivedFile
        package let type: MediaType
        package var width: Int?
        package var height: Int?
        package var duration_ms: Int?
        package var blurHash: String?
        /// A picture of it, at most `preview_pixels` wide and high.
        package var preview: ReceivedFile?
    }

    /// Looks at a file that is to be an attachment.
    /// - Throws: `.invalidFileType`, `.fileTooLarge` for what unfolds to too much, `.moduleNotAvailable` for a picture when there
    ///   are no tools.
    package func accept(_ file: ReceivedFile) async throws -> Accepted {
        let type = try await screened(file)
        return switch type.kind {
        case .picture: try await picture(file, type)
        case .video, .audio: try await film(file, type)
        case .other: Accepted(file: file, type: type)
        }
    }

    /// Looks at a file that has to be a picture, and returns it scaled.
    /// - Throws: `.invalidFileType`, `.fileTooLarge`, `.moduleNotAvailable`.
    package func picture(_ file: ReceivedFile, edge: Int) async throws -> (file: ReceivedFile, size: PictureSize) {
        try await picture(file) { tools, type in try await tools.scaled(file, type, edge: edge) }
    }

    /// The same for one that fills an area.
    package func picture(
        _ file: ReceivedFile, filling area: PictureArea
    ) async throws -> (file: ReceivedFile, size: PictureSize) {
        try await picture(file) { tools, type in try await tools.filling(area, file, type) }
    }

    private func picture(
        _ file: ReceivedFile, drawn: (PictureTools, MediaType) async throws -> ReceivedFile
    ) async throws -> (file: ReceivedFile, size: PictureSize) {
        let type = try await screened(file)
        guard MediaType.pictures.contains(type) else {
            throw APIError.invalidFileType("must be a JPEG, PNG, GIF or WebP picture")
        }
        let tools = try tools()
        return try await translating {
            _ = try await tools.size(of: file, type)
            let drawn = try await drawn(tools, type)
            return (drawn, try await tools.size(of: drawn, .webp))
        }
    }

    /// - Throws: `.moduleNotAvailable`.
    package func tools() throws -> PictureTools {
        guard let tools = try blobs.available().pictures else { throw APIError.moduleNotAvailable }
        return tools
    }

    private func screened(_ file: ReceivedFile) async throws -> MediaType {
        let media = try blobs.available()
        guard file.size_bytes > 0 else { throw APIError.invalidFileType("is empty") }
        try await requireUnblocked(file.sha256)
        let type = MediaType.detect(Array(try await file.head(MediaType.head_bytes).readableBytesView))
        guard !media.refusedTypes.contains(type.name) else {
            throw APIError.invalidFileType("\(type.name) is not taken here")
        }
        if let scanner = media.scanner { try await scan(file, scanner) }
        return type
    }

    private func requireUnblocked(_ sha256: String) async throws {
        let isBlocked = try await parts.database.read { tx in try BlockStore.isBlocked(hash: sha256, tx) }
        if isBlocked { throw APIError.invalidFileType("is blocked on this instance") }
    }

    /// Nothing comes in unseen: without a verdict the file is refused.
    private func scan(_ file: ReceivedFile, _ scanner: VirusScanner) async throws {
        do {
            if case .infected(let name) = try await scanner.scan(file) {
                parts.logger.warning("malware was refused", metadata: ["name": "\(name)", "sha256": "\(file.sha256)"])
                throw APIError.invalidFileType("is malware: \(name)")
            }
        } catch let failure as VirusScanner.Failure {
            parts.logger.error("files can't be scanned", metadata: ["error": "\(failure)"])
            throw APIError.serviceUnavailable
        }
    }

    private func picture(_ file: ReceivedFile, _ type: MediaType) async throws -> Accepted {
        let tools = try tools()
        return try await translating {
            let size = try await tools.size(of: file, type)
            let clean = try await tools.cleaned(file, type)
            try await requireUnblocked(clean.sha256)
            let preview = try await tools.scaled(clean, type, edge: Self.preview_pixels)
            return Accepted(
                file: clean, type: type, width: size.width, height: size.height,
                blurHash: try await tools.blurHash(of: preview), preview: preview)
        }
    }

    private func film(_ file: ReceivedFile, _ type: MediaType) async throws -> Accepted {
        guard let films = try blobs.available().films else { throw APIError.moduleNotAvailable }
        return try await translating {
            // What looks like a film and can't be played is a file like any other.
            guard let facts = try await films.facts(of: file, type) else { return Accepted(file: file, type: .unknown) }
            let clean = try await films.cleaned(file, type)
            var accepted = Accepted(
                file: clean, type: type.holding(pictures: facts.hasPictures), duration_ms: facts.duration_ms)
            guard accepted.type.kind == .video else { return accepted }
            (accepted.width, accepted.height) = (facts.width, facts.height)
            if let poster = try await films.poster(of: clean, type, edge: Self.preview_pixels) {
                accepted.preview = poster
                accepted.blurHash = try await blobs.available().pictures?.blurHash(of: poster)
            }
            return accepted
        }
    }

    /// Looks at a file in which somebody says something, and returns what is kept of it.
    /// - Throws: `.invalidInput` for what is too long, `.invalidFileType` for what is no sound, `.emptyMessage` for one in which
    ///   nothing is heard, `.moduleNotAvailable` without files.
    package func speech(_ file: ReceivedFile, limit_s: Int) async throws -> Speech {
        let type = try await screened(file)
        guard let films = try blobs.available().films else {
            let speech = try await unheardSpeech(file)
            try Self.requireLength(speech.duration_ms, limit_s: limit_s)
            return speech
        }
        let speech = try await translating {
            guard let facts = try await films.facts(of: file, type),
                try blobs.available().speechTypes.contains(type.holding(pictures: facts.hasPictures))
            else { throw APIError.invalidFileType("must be a sound in Ogg, WebM, MP4, MP3 or WAV") }
            // What says that it is too long is not listened to.
            try Self.requireLength(facts.duration_ms ?? 0, limit_s: limit_s + 1)
            return try await films.speech(in: file, type, limit_s: limit_s)
        }
        guard let speech else { throw APIError.emptyMessage }
        try Self.requireLength(speech.duration_ms, limit_s: limit_s)
        try await requireUnblocked(speech.file.sha256)
        return speech
    }

    /// Looks at a file that is to be a short sound, and returns what is kept of it: Opus in Ogg, and nothing else.
    /// - Throws: `.invalidFileType` for what is neither Ogg nor MP3, has something to be seen, or can't be played;
    ///   `.invalidInput` for what is too long, `.moduleNotAvailable` without files.
    package func sound(_ file: ReceivedFile, limit_ms: Int) async throws -> (file: ReceivedFile, duration_ms: Int) {
        let type = try await screened(file)
        guard [MediaType.ogg, .mp3].contains(type) else {
            throw APIError.invalidFileType("must be a sound in Ogg or MP3")
        }
        let sound: (file: ReceivedFile, duration_ms: Int)
        if let films = try blobs.available().films {
            sound = try await translating {
                guard let facts = try await films.facts(of: file, type), !facts.hasPictures else {
                    throw APIError.invalidFileType("must be a sound in Ogg or MP3")
                }
                // What says that it is too long is not listened to.
                try Self.requireSoundLength(facts.duration_ms ?? 0, limit_ms: limit_ms + 1000)
                guard let sound = try await films.sound(in: file, type, limit_ms: limit_ms) else {
                    throw APIError.invalidFileType("can't be played")
                }
                return sound
            }
        } else {
            let speech = try await unheardSpeech(file)
            sound = (speech.file, speech.duration_ms)
        }
        try Self.requireSoundLength(sound.duration_ms, limit_ms: limit_ms)
        try await requireUnblocked(sound.file.sha256)
        return sound
    }

    private static func requireSoundLength(_ duration_ms: Int, limit_ms: Int) throws(APIError) {
        guard duration_ms <= limit_ms else {
            throw .invalidInput("sound", "is too long: at most \(Double(limit_ms) / 1000) seconds are played")
        }
    }

    /// Without the tools one form is taken, whose length and loudness can be read from it. It stays as it was encoded.
    private func unheardSpeech(_ file: ReceivedFile) async throws -> Speech {
        guard let sound = OggOpus(Array(try await file.head(file.size_bytes).readableBytesView)) else {
            throw APIError.invalidFileType("must be Opus in Ogg: this server has no tools for other sounds")
        }
        let kept = try await blobs.available().staging.file(limit_bytes: sound.bytes.count)
        try await kept.write(ByteBuffer(bytes: sound.bytes))
        let speech = Speech(
            file: try await kept.finish(), duration_ms: sound.duration_ms, waveform: sound.waveform)
        try await requireUnblocked(speech.file.sha256)
        return speech
    }

    private static func requireLength(_ duration_ms: Int, limit_s: Int) throws(APIError) {
        guard duration_ms <= limit_s * 1000 else {
            throw .invalidInput("duration_ms", "is too long: at most \(limit_s) seconds can be said in one go")
        }
    }

    func translating<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch PictureFailure.broken {
            throw APIError.invalidFileType("can't be read as a picture")
        } catch PictureFailure.tooManyPixels(let limit) {
            throw APIError(
                .fileTooLarge, details: [FieldIssue("file", "unfolds to more than \(limit) pixels")])
        } catch is Turnstile.Crowded {
            throw APIError.serviceUnavailable
        } catch let failure as Tool.Failure {
            parts.logger.error("a tool can't be used", metadata: ["error": "\(failure)"])
            throw APIError.serviceUnavailable
        }
    }
}

extension StagedFile {
    /// A body as it comes, into a file.
    /// - Throws: `.fileTooLarge`.
    package func take(_ bytes: ByteBuffer) async throws {
        do {
            try await write(bytes)
        } catch let error as FileLimitExceeded {
            throw APIError.fileTooLarge(limit_bytes: error.limit_bytes)
        }
    }
}

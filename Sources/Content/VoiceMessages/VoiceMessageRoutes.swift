import Community
import Features
import Files
import HTTPTypes
import Kernel
import Media
import WebAPI

extension VoiceMessages {
    private static let nonce = NameRules.text(1...64)
    private static let duration = JSONReader<Int>.integer(0...Int(Int32.max))
    private static let waveform = JSONReader<String>.string(0...400)

    /// Of the form, besides the recording.
    private static let fields: [JSONSchema.Property] = [
        .init("duration_ms", duration.schema, isRequired: false),
        .init("waveform", waveform.schema, isRequired: false),
        .init("reply_to_id", JSONReader<MessageID>.id(MessageID.self).schema, isRequired: false),
        .init("nonce", nonce.schema, isRequired: false),
    ]

    private static let uploadInput = JSONInput(
        "VoiceMessageUpload",
        .required("conversation_id", .id(ChannelID.self)),
        .required("url", .string(1...2048)),
        .optional("duration_ms", duration),
        .optional("waveform", waveform),
        .optional("reply_to_id", .id(MessageID.self)),
        .optional("nonce", nonce),
        make: { (channel, url, _, _, replyTo, nonce) throws(APIError) in
            (channel: channel, url: url, draft: Draft(replyTo: replyTo, nonce: nonce))
        })

    /// Reads what stands beside the recording.
    static func draft(of fields: [String: String]) throws(APIError) -> Draft {
        if let text = fields["duration_ms"], !text.isEmpty {
            _ = try duration.value(of: Int64(text).map { .integer($0) } ?? .string(text), named: "duration_ms")
        }
        if let text = fields["waveform"] { _ = try waveform.value(of: .string(text), named: "waveform") }
        return Draft(
            replyTo: try fields["reply_to_id"].map { text throws(APIError) in
                try JSONReader<MessageID>.id(MessageID.self).value(of: .string(text), named: "reply_to_id")
            },
            nonce: try fields["nonce"].map { text throws(APIError) in
                try nonce.value(of: .string(text), named: "nonce")
            })
    }

    private func form(of content: RequestContent) async throws -> (file: ReceivedFile, fields: [String: String]) {
        let staged = try await blobs.available().staging.file(limit_bytes: Self.maximum_bytes)
        let form = try await content.readForm(files: ["audio", "file"], limit_bytes: Self.maximum_bytes) {
            try await staged.take($0)
        }
        let file = try await staged.finish()
        guard form.filename != nil, file.size_bytes > 0 else { throw APIError.emptyMessage }
        return (file, form.fields)
    }

    private static let errors = Attachments.uploadErrors + [.emptyMessage, .messageNotFound]

    package var routes: [Route] {
        [
            .form(
                "/channels/{channel_id}/voice-messages", "Say something", file: "audio", fields: Self.fields,
                returns: EncodedOnce<Message>.self, statuses: [.created, .ok], errors: Self.errors
            ) { caller, call in
                let channel: ChannelID = try call.id("channel_id")
                try await requirePlace(channel, by: caller)
                let form = try await form(of: call.body)
                switch try await send(form.file, try Self.draft(of: form.fields), in: channel, by: caller) {
                case .new(let message): return .created(message)
                case .repeated(let message): return .ok(EncodedOnce(message))
                }
            }
            .limited(by: .upload),
            .form(
                "/features/voice-messages/upload", "Say something", file: "audio",
                fields: [.init("conversation_id", JSONReader<ChannelID>.id(ChannelID.self).schema, isRequired: true)]
                    + Self.fields,
                returns: SentVoiceMessage.self, errors: Self.errors
            ) { caller, call in
                let form = try await form(of: call.body)
                let text = form.fields["conversation_id"] ?? form.fields["channel_id"]
                let channel = try JSONReader<ChannelID>.id(ChannelID.self)
                    .value(of: text.map { .string($0) } ?? .null, named: "conversation_id")
                try await requirePlace(channel, by: caller)
                return .ok(
                    SentVoiceMessage(
                        try await send(form.file, try Self.draft(of: form.fields), in: channel, by: caller)))
            }
            .limited(by: .upload),
            .authenticated(
                .post, "/features/voice-messages", "Say what was uploaded as a file", takes: .body(Self.uploadInput),
                returns: SentVoiceMessage.self, errors: Self.errors + [.invalidFileType, .fileTooLarge]
            ) { caller, call in
                let (channel, url, draft) = call.body
                return .ok(SentVoiceMessage(try await send(uploadAt: url, draft, in: channel, by: caller)))
            }
            .limited(by: .upload),
        ]
    }
}

struct SentVoiceMessage: JSONObjectEncodable {
    let message: Message

    init(_ sent: Messages.Sent) {
        switch sent {
        case .new(let message): self.message = message.value
        case .repeated(let message): self.message = message
        }
    }

    static let shape = JSONShape<SentVoiceMessage>(
        "SentVoiceMessage", .field("success") { _ in true }, .field("voice_message", \.message))
}

import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension StickerMessages: Feature {
    package static let module: Module? = .stickers
    package static let caps: [Cap] = [
        Cap(
            "stickers", per: .message, MessageSticker.maximumPerMessage, .refused(field: "sticker_ids"),
            bucket: .messageSend)
    ]

    private static let goalInput = JSONInput(
        "StickerGoal",
        .optional("channel_id", .id(ChannelID.self)),
        .optional("message_id", .id(MessageID.self)),
        .optional("reply_to_id", .id(MessageID.self)),
        .optional("nonce", NameRules.text(1...64)),
        make: { (channel, message, replyTo, nonce) throws(APIError) in
            if let message { return Goal.message(message) }
            guard let channel else { throw .invalidInput("channel_id", "is required") }
            return .channel(channel, replyTo: replyTo, nonce: nonce)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/stickers/{sticker_id}/send", "Send a sticker, or add it to a message of one's own",
                takes: .bodyOrForm(Self.goalInput), returns: EncodedOnce<Message>.self, statuses: [.created, .ok],
                errors: Channels.access + [
                    .resourceNotFound, .messageNotFound, .permissionDenied, .cannotMessageUser, .rateLimited,
                ]
            ) { caller, call in
                let sticker: StickerID = try call.id("sticker_id")
                switch call.body {
                case .message(let message): return .ok(EncodedOnce(try await add(sticker, to: message, by: caller)))
                case .channel(let channel, let replyTo, let nonce):
                    switch try await send(sticker, to: channel, replyTo, nonce, by: caller) {
                    case .new(let message): return .created(message)
                    case .repeated(let message): return .ok(EncodedOnce(message))
                    }
                }
            }
            .limited(by: .messageSend)
        ]
    }
}

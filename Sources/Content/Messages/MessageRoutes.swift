import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Messages {
    private static let embeds = JSONReader<[Embed]>.array(
        of: .object(Embed.input), count: 0...Embed.maximumCount)

    static let draftInput = JSONInput(
        "MessageDraft",
        .optional("content", .string(0...100_000)),
        .optional("reply_to_id", .id(MessageID.self)),
        .optional("nonce", NameRules.text(1...64)),
        .optional(
            "attachments", .array(of: .id(AttachmentID.self), count: 0...Attachments.maximumPerMessage), default: []),
        .optional("embeds", embeds, default: []),
        .optional("allowed_mentions", .object(AllowedMentions.input), default: AllowedMentions()),
        .optional(
            "sticker_ids", .array(of: .id(StickerID.self), count: 0...MessageSticker.maximumPerMessage), default: []),
        .optional("poll", .object(PollDraft.input)),
        .optional("forward", .object(Forwarding.sourceInput)),
        make: {
            (content, replyTo, nonce, attachments, embeds, allowedMentions, stickers, poll, forward) throws(APIError) in
            try Embed.check(embeds)
            let draft = MessageDraft(
                content: content, replyTo: replyTo, nonce: nonce, embeds: embeds, attachments: attachments,
                allowedMentions: allowedMentions, stickers: stickers, poll: poll, forward: forward)
            try draft.check()
            return draft
        })

    private static let editInput = JSONInput(
        "MessageEdit",
        .change("content", .string(0...100_000)),
        .replacement("embeds", embeds),
        .optional("allowed_mentions", .object(AllowedMentions.input)),
        make: { (content, embeds, allowedMentions) throws(APIError) in
            if case .unchanged = content, embeds == nil { throw .invalidInput("content", "or embeds is required") }
            try Embed.check(embeds ?? [])
            return MessageEdit(content: content, embeds: embeds, allowedMentions: allowedMentions)
        })

    private static let pageInput = JSONInput(
        "MessagePage",
        .optional("limit", .integer(1...100), default: 50),
        .optional("before", .id(MessageID.self)),
        .optional("after", .id(MessageID.self)),
        .optional("around", .id(MessageID.self)),
        make: { (limit, before, after, around) throws(APIError) in
            let pages = [before.map(MessagePage.before), after.map(MessagePage.after), around.map(MessagePage.around)]
                .compactMap { $0 }
            guard pages.count <= 1 else { throw .invalidInput("before", "goes with neither after nor around") }
            return (limit: limit, page: pages.first ?? .newest)
        })

    private static let bulkInput = JSONInput(
        "MessageBulkDelete",
        .required("message_ids", .array(of: .id(MessageID.self), count: 2...100)),
        make: { (ids) throws(APIError) in ids })

    private static let access = Channels.access + [.permissionDenied]
    private static let messageAccess = access + [.invalidMessageID, .messageNotFound]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/messages", "Read a channel's messages, newest first",
                takes: .query(Self.pageInput), returns: MessageList.self, errors: Self.access
            ) { caller, call in
                .ok(
                    try await list(
                        try call.id("channel_id"), call.query.page, limit: call.query.limit, for: caller))
            }
            .limited(by: .messageList),
            .authenticated(
                .post, "/channels/{channel_id}/messages", "Send a message", takes: .body(Self.draftInput),
                returns: EncodedOnce<Message>.self, statuses: [.created, .ok],
                errors: Self.access + [
                    .emptyMessage, .messageNotFound, .resourceNotFound, .emojiNotFound, .cannotMessageUser,
                    .rateLimited, .moduleNotAvailable,
                ]
            ) { caller, call in
                switch try await send(call.body, in: try call.id("channel_id"), as: caller) {
                case .new(let message): .created(message)
                case .repeated(let message): .ok(EncodedOnce(message))
                }
            }
            .limited(by: .messageSend),
            .authenticated(
                .post, "/channels/{channel_id}/messages/bulk-delete", "Delete several messages",
                takes: .body(Self.bulkInput), returns: DeletedMessages.self, errors: Self.access
            ) { caller, call in
                .ok(
                    DeletedMessages(
                        count: try await deleteAll(call.body, in: try call.id("channel_id"), by: caller)))
            }
            .limited(by: .messageDelete),
            .authenticated(
                .get, "/channels/{channel_id}/messages/{message_id}", "Read a message", takes: .nothing,
                returns: Message.self, errors: Self.messageAccess
            ) { caller, call in
                .ok(try await read(try call.id("message_id"), in: try call.id("channel_id"), for: caller))
            },
            .authenticated(
                .patch, "/channels/{channel_id}/messages/{message_id}", "Edit one's message",
                takes: .body(Self.editInput), returns: Message.self,
                errors: Self.messageAccess + [.emptyMessage, .cannotMessageUser]
            ) { caller, call in
                .ok(
                    try await edit(
                        try call.id("message_id"), call.body, in: try call.id("channel_id"), by: caller))
            }
            .limited(by: .messageEdit),
            .authenticated(
                .delete, "/channels/{channel_id}/messages/{message_id}", "Delete a message", takes: .nothing,
                returns: Success.self, errors: Self.messageAccess
            ) { caller, call in
                try await delete(try call.id("message_id"), in: try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .messageDelete),
            .authenticated(
                .get, "/channels/{channel_id}/messages/{message_id}/history", "Read a message's earlier texts",
                takes: .nothing, returns: [MessageVersion].self, errors: Self.messageAccess
            ) { caller, call in
                .ok(try await history(of: try call.id("message_id"), in: try call.id("channel_id"), for: caller))
            },
        ]
    }
}

import Community
import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension AuditAction {
    static let messagePin = AuditAction("message.pin")
    static let messageUnpin = AuditAction("message.unpin")
}

extension Pins: Feature {
    package static let auditActions: [AuditAction] = [.messagePin, .messageUnpin]

    private static let access = Channels.access + [.permissionDenied]
    private static let one = access + [.invalidMessageID, .messageNotFound, .invalidInput, .cannotMessageUser]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/pins", "List a channel's pinned messages", takes: .nothing,
                returns: [Message].self, errors: Self.access
            ) { caller, call in .ok(try await list(try call.id("channel_id"), for: caller)) },
            .authenticated(
                .put, "/channels/{channel_id}/pins/{message_id}", "Pin a message", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await pin(try call.id("message_id"), in: try call.id("channel_id"), by: caller)
                return .success
            },
            .authenticated(
                .delete, "/channels/{channel_id}/pins/{message_id}", "Unpin a message", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await unpin(try call.id("message_id"), in: try call.id("channel_id"), by: caller)
                return .success
            },
        ]
    }

    package static var caps: [Cap] {
        [Cap("pins", per: .channel, Tier.standard.limits.pins, .refused(field: "message_id"), "more by tier")]
    }
}

import Features
import HTTPTypes
import Kernel
import WebAPI

extension Presences {
    static let customStatus = NameRules.text(0...128)
    static let customEmoji = NameRules.text(0...64)

    private static let choiceInput = JSONInput(
        "PresenceChoice",
        .required("status", .oneOf(Presence.Status.self)),
        .optional("custom_status", customStatus),
        .optional("custom_emoji", customEmoji),
        .change("expires_at", .timestamp),
        make: { (status, text, emoji, expiresAt) throws(APIError) in
            WantedPresence(
                status: status, customStatus: text.flatMap { $0.isEmpty ? nil : $0 },
                customEmoji: emoji.flatMap { $0.isEmpty ? nil : $0 }, expiresAt: expiresAt)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .put, "/users/@me/presence", "Say as what one wants to be shown", takes: .body(Self.choiceInput),
                returns: Presence.self
            ) { caller, call in .ok(try await self.choose(call.body, by: caller.user)) },
            .authenticated(
                .get, "/users/{user_id}/presence", "Whether somebody is there", takes: .nothing,
                returns: Presence.self, errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(try await self.presence(of: try call.id("user_id"), for: caller.user)) },
        ]
    }
}

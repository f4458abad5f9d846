import HTTPTypes
import Kernel
import WebAPI

/// Routes of the contract whose features are not built yet. They answer 503 `Module not available`, so that a client can
/// tell them from routes that do not exist.
enum LaterRoutes {
    static var routes: [Route] {
        table.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let method = HTTPRequest.Method(String(words[0])) else { return nil }
            return .notAvailable(method, String(words[1]))
        }
    }

    private static let table = """
        DELETE /users/@me
        POST /users/@me/avatar
        GET /users/@me/channels
        POST /users/@me/channels
        GET /users/@me/notes
        GET /users/@me/unread
        GET /users/@me/features
        GET /users/@me/notifications
        PUT /users/@me/notifications/read-all
        PUT /users/@me/notifications/{notification_id}/read
        GET /users/@me/bookmarks
        PUT /users/@me/bookmarks/{message_id}
        DELETE /users/@me/bookmarks/{message_id}
        GET /users/@me/data-export
        POST /users/@me/data-export
        GET /users/@me/data-export/{export_id}
        GET /users/@me/data-export/{export_id}/download
        GET /users/@me/settings
        PUT /users/@me/settings/bulk
        GET /users/@me/settings/{key}
        PUT /users/@me/settings/{key}
        DELETE /users/@me/settings/{key}
        GET /settings
        PUT /settings/bulk
        GET /settings/{key}
        PUT /settings/{key}
        DELETE /settings/{key}
        PUT /users/@me/presence
        GET /users/{user_id}/presence
        GET /users/{user_id}/note
        PUT /users/{user_id}/note
        GET /relationships/@me
        POST /relationships
        PUT /relationships/{user_id}/accept
        DELETE /relationships/{user_id}
        POST /relationships/block
        POST /servers/{server_id}/icon
        PATCH /servers/{server_id}/members/{user_id}
        DELETE /servers/{server_id}/members/{user_id}
        PUT /servers/{server_id}/members/{user_id}/roles/{role_id}
        DELETE /servers/{server_id}/members/{user_id}/roles/{role_id}
        GET /servers/{server_id}/roles
        POST /servers/{server_id}/roles
        PATCH /servers/{server_id}/roles
        PATCH /servers/{server_id}/roles/{role_id}
        DELETE /servers/{server_id}/roles/{role_id}
        GET /servers/{server_id}/permissions
        GET /servers/{server_id}/bans
        PUT /servers/{server_id}/bans/{user_id}
        DELETE /servers/{server_id}/bans/{user_id}
        GET /servers/{server_id}/audit-logs
        GET /servers/{server_id}/webhooks
        GET /servers/{server_id}/emojis
        POST /servers/{server_id}/emojis
        GET /servers/{server_id}/emojis/counts
        GET /servers/{server_id}/emojis/{emoji_id}
        PATCH /servers/{server_id}/emojis/{emoji_id}
        DELETE /servers/{server_id}/emojis/{emoji_id}
        POST /servers/{server_id}/messages/read-all
        GET /channels/{channel_id}/overwrites
        PUT /channels/{channel_id}/overwrites/{subject_id}
        DELETE /channels/{channel_id}/overwrites/{subject_id}
        PUT /channels/{channel_id}/recipients/{user_id}
        DELETE /channels/{channel_id}/recipients/{user_id}
        GET /channels/{channel_id}/threads
        POST /channels/{channel_id}/threads
        GET /threads/{channel_id}
        PATCH /threads/{channel_id}
        DELETE /threads/{channel_id}
        POST /channels/ack/bulk
        POST /channels/{channel_id}/messages/ack
        POST /channels/{channel_id}/messages/mark-unread
        GET /channels/{channel_id}/messages/unread
        GET /channels/{channel_id}/messages/search
        GET /channels/{channel_id}/pins
        PUT /channels/{channel_id}/pins/{message_id}
        DELETE /channels/{channel_id}/pins/{message_id}
        GET /channels/{channel_id}/messages/{message_id}/reactions
        DELETE /channels/{channel_id}/messages/{message_id}/reactions
        GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji}
        PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}
        DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}
        DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}
        POST /channels/{channel_id}/attachments
        POST /channels/{channel_id}/messages/export
        GET /channels/{channel_id}/scheduled-messages
        POST /channels/{channel_id}/scheduled-messages
        DELETE /channels/{channel_id}/scheduled-messages/{scheduled_id}
        GET /avatars/users/{user_id}
        POST /avatars/users/@me
        DELETE /avatars/users/@me
        GET /avatars/servers/{server_id}
        POST /avatars/servers/{server_id}
        DELETE /avatars/servers/{server_id}
        GET /media/attachments/{attachment_id}/{filename}
        POST /media/upload/session
        PUT /media/upload/{upload_id}/{chunk}
        POST /media/upload/complete/{upload_id}
        GET /media/upload/sessions
        DELETE /media/upload/{upload_id}
        GET /search/messages
        GET /search/users
        GET /search/servers
        POST /polls
        GET /polls/{poll_id}
        DELETE /polls/{poll_id}
        POST /polls/{poll_id}/vote
        POST /polls/{poll_id}/close
        POST /reports/messages
        POST /reports/users
        POST /feedback
        POST /webhooks
        GET /webhooks/{webhook_id}
        PATCH /webhooks/{webhook_id}
        DELETE /webhooks/{webhook_id}
        POST /webhooks/{webhook_id}/regenerate-token
        POST /webhooks/{webhook_id}/{token}
        GET /applications
        POST /applications
        GET /applications/{application_id}
        PUT /applications/{application_id}
        DELETE /applications/{application_id}
        POST /applications/{application_id}/bot
        POST /applications/{application_id}/bot/token
        GET /admin/users
        GET /admin/tiers
        GET /admin/badges
        GET /admin/servers
        GET /admin/reports
        GET /admin/blocked-ips
        GET /admin/banned-usernames
        GET /admin/blocked-hashes
        GET /admin/stats
        GET /admin/audit-logs
        GET /admin/jobs
        """
}

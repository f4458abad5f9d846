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
        GET /users/@me/data-export
        POST /users/@me/data-export
        GET /users/@me/data-export/{export_id}
        GET /users/@me/data-export/{export_id}/download
        POST /servers/{server_id}/icon
        POST /servers/{server_id}/emojis
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
        POST /reports/messages
        POST /reports/users
        POST /feedback
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

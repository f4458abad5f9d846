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
        POST /users/@me/avatar
        POST /servers/{server_id}/icon
        POST /servers/{server_id}/emojis
        POST /channels/{channel_id}/attachments
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
        """
}

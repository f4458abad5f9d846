import Kernel

/// Where pictures of people, servers and emoji are, relative to the server. The number of the file is part of the address, so
/// that another picture has another one.
package enum PictureLinks {
    package static func avatar(of user: UserID, _ blob: BlobID?) -> String? {
        blob.map { "/api/v1/avatars/users/\(user)?v=\($0)" }
    }

    package static func banner(of user: UserID, _ blob: BlobID?) -> String? {
        blob.map { "/api/v1/banners/users/\(user)?v=\($0)" }
    }

    package static func icon(of server: ServerID, _ blob: BlobID?) -> String? {
        blob.map { "/api/v1/avatars/servers/\(server)?v=\($0)" }
    }

    package static func event(_ event: ScheduledEventID, _ blob: BlobID?) -> String? {
        blob.map { "/api/v1/media/events/\(event)?v=\($0)" }
    }

    package static func emoji(_ emoji: EmojiID) -> String { "/api/v1/media/emojis/\(emoji)" }
}

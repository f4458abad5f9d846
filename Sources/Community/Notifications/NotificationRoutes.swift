import Events
import HTTPTypes
import Kernel
import WebAPI

extension Notifications {
    private static let pageInput = JSONInput(
        "NotificationPage",
        .optional("limit", .integer(1...100), default: 50),
        .optional("before", .id(NotificationID.self)),
        .optional("unread", .bool, default: false),
        make: { (limit, before, unread) throws(APIError) in Page(limit: limit, before: before, unreadOnly: unread) })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/notifications", "List one's notifications, newest first",
                takes: .query(Self.pageInput), returns: [Notification].self
            ) { caller, call in .ok(try await list(call.query, of: caller)) },
            .authenticated(
                .put, "/users/@me/notifications/read-all", "Mark all notifications as read", takes: .nothing,
                returns: Success.self
            ) { caller, _ in
                try await markAllRead(by: caller)
                return .success
            },
            .authenticated(
                .put, "/users/@me/notifications/{notification_id}/read", "Mark a notification as read",
                takes: .nothing, returns: Notification.self, errors: [.notificationNotFound, .invalidInput]
            ) { caller, call in .ok(try await markRead(try call.id("notification_id"), by: caller)) },
        ]
    }
}

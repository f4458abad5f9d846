import Kernel

/// Something that a device is to be told, once.
struct QueuedPush: Sendable {
    /// What it is about. Only ids are kept: what is said of it is found out when it leaves.
    enum Subject: Sendable, Equatable {
        case notification(NotificationID)
        case message(MessageID)

        /// Tells it from everything else that the device is told.
        var number: Int64 {
            switch self {
            case .notification(let id): id.rawValue
            case .message(let id): id.rawValue
            }
        }
    }

    let token: PushTokenID
    let user: UserID
    let subject: Subject
    let createdAt: Timestamp
    let attempts: Int
}

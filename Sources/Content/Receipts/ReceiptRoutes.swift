import Community
import HTTPTypes
import Kernel
import WebAPI

extension Receipts {
    private static let pageInput = JSONInput(
        "ReceiptPage",
        .optional("limit", .integer(1...100), default: 100),
        .optional("after", .id(UserID.self)),
        make: { (limit, after) throws(APIError) in (limit: limit, after: after) })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/channels/{channel_id}/messages/{message_id}/read-receipts", "Who has read a message",
                takes: .query(Self.pageInput), returns: ReceiptReport.self,
                errors: Channels.access + [.permissionDenied, .invalidMessageID, .messageNotFound]
            ) { caller, call in
                .ok(
                    try await report(
                        try call.id("message_id"), in: try call.id("channel_id"), after: call.query.after,
                        limit: call.query.limit, for: caller))
            }
        ]
    }
}

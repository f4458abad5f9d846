import Community
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Reports {
    private static func draftFields(
        _ reason: String, _ category: Report.Category, _ details: String?
    ) -> Draft { Draft(reason: reason, category: category, details: details) }

    private static let messageInput = JSONInput(
        "MessageReport",
        .required("message_id", .id(MessageID.self)), .required("reason", NameRules.name(1...500)),
        .optional("category", .oneOf(Report.Category.self), default: .other),
        .optional("details", NameRules.text(0...2000)),
        make: { (message, reason, category, details) throws(APIError) in
            (message: message, draft: draftFields(reason, category, details))
        })

    private static let userInput = JSONInput(
        "UserReport",
        .required("user_id", .id(UserID.self)), .required("reason", NameRules.name(1...500)),
        .optional("category", .oneOf(Report.Category.self), default: .other),
        .optional("details", NameRules.text(0...2000)),
        make: { (user, reason, category, details) throws(APIError) in
            (user: user, draft: draftFields(reason, category, details))
        })

    var routes: [Route] {
        [
            .authenticated(
                .post, "/reports/messages", "Report a message to the administrators", takes: .body(Self.messageInput),
                returns: ReportReceipt.self, errors: [.messageNotFound, .accessDenied, .permissionDenied]
            ) { caller, call in
                .ok(ReportReceipt(report: try await report(message: call.body.message, call.body.draft, by: caller)))
            }
            .limited(by: .friendRequest),
            .authenticated(
                .post, "/reports/users", "Report a user to the administrators", takes: .body(Self.userInput),
                returns: ReportReceipt.self, errors: [.userNotFound]
            ) { caller, call in
                .ok(ReportReceipt(report: try await report(user: call.body.user, call.body.draft, by: caller)))
            }
            .limited(by: .friendRequest),
        ]
    }
}

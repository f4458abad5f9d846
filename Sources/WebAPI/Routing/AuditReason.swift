import Foundation
import HTTPTypes
import Kernel

/// The header in which a client says why something is done (contract: REST, Servers). Percent-encoded UTF-8, because
/// headers are ASCII.
enum AuditReason {
    static let maximumLength = 512

    /// - Throws: `Invalid input` for a reason that is too long or has control characters.
    static func read(from headers: HTTPFields) throws(APIError) -> String? {
        guard let header = headers[.auditLogReason] else { return nil }
        let reason = (header.removingPercentEncoding ?? header).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !reason.isEmpty else { return nil }
        guard reason.unicodeScalars.count <= maximumLength,
            !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw .invalidInput(
                "X-Audit-Log-Reason", "must be at most \(maximumLength) characters without control characters")
        }
        return reason
    }
}

extension HTTPField.Name {
    // The name is a valid token, so it is not nil.
    // swift-format-ignore: NeverForceUnwrap
    static let auditLogReason = Self("X-Audit-Log-Reason")!
}

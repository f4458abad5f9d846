/// Something that is done to a server and stands in its audit log. Each feature declares its own in its folder
/// (`Feature.auditActions`):
///
/// ```swift
/// extension AuditAction {
///     static let pollClose = AuditAction("poll.close")
/// }
/// ```
package struct AuditAction: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// An action that is stored.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// - Parameter name: what it is done to and what is done, as clients read it.
    package init(_ name: String) { self.init(rawValue: name) }
}

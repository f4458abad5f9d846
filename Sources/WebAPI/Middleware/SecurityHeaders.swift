import HTTPTypes
import Kernel

/// Answers are data for the client that asked: no cache keeps them and no page runs or frames them, unless a route says
/// otherwise (OWASP ASVS 4.0, section 14.4). What is no answer of a route has them, too.
enum SecurityHeaders {
    /// What no route changes.
    private static let always: [(HTTPField.Name, String)] = [
        (.contentTypeOptions, "nosniff"), (.referrerPolicy, "no-referrer"),
    ]
    private static let unlessSaid: [(HTTPField.Name, String)] = [
        (.cacheControl, "no-store"), (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
    ]

    static let all = always + unlessSaid

    static func add(to headers: inout HTTPFields) {
        for (name, value) in always { headers[name] = value }
        for (name, value) in unlessSaid where headers[name] == nil { headers[name] = value }
    }
}

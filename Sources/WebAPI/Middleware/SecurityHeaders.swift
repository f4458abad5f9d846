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

    private static let alwaysFields = always.map { HTTPField(name: $0.0, value: $0.1) }
    private static let unlessSaidFields = unlessSaid.map { HTTPField(name: $0.0, value: $0.1) }

    static func add(to headers: inout HTTPFields) {
        // To set a field by its name looks through all of them more than once, and makes it anew.
        for field in alwaysFields {
            if headers.contains(field.name) { headers[field.name] = field.value } else { headers.append(field) }
        }
        for field in unlessSaidFields where !headers.contains(field.name) { headers.append(field) }
    }
}

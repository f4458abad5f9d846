import HTTPTypes

/// Finds which methods a path has, for the 405 of the one it has not. Only asked when the router found nothing.
struct RouteTable: Sendable {
    private let entries: [(segments: [Substring], method: HTTPRequest.Method)]

    init(_ routes: [(path: String, method: HTTPRequest.Method)]) {
        entries = routes.map { ($0.path.split(separator: "/"), $0.method) }
    }

    func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        return entries.filter { Self.matches($0.segments, segments) }.map(\.method)
    }

    private static func matches(_ template: [Substring], _ segments: [Substring]) -> Bool {
        template.count == segments.count && zip(template, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

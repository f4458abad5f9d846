import Foundation
import HTTPTypes
import Testing

@testable import Chat
@testable import WebAPI

/// Routes that clients count on, kept as data in `routes.txt` beside this file.
@Suite("Demanded routes")
struct DemandedRouteTests {
    /// `METHOD /path`, with `{}` for what stands in the path, and whether it is there already.
    private static let demanded: [(route: String, isThere: Bool)] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "routes.txt")
        // Without the file there are no routes, which the first test notices.
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return text.split(separator: "\n").compactMap { line in
            let route = line.hasPrefix("- ") ? line.dropFirst(2) : line
            guard methods.contains(where: { route.hasPrefix("\($0) /") }) else { return nil }
            return (String(route), !line.hasPrefix("- "))
        }
    }()

    private static let declared = Set(
        Instance.documentedRoutes.filter(\.isDocumented).map { route in
            "\(route.method.rawValue) \(route.path.replacing(/\{[a-z_]+\}/, with: "{}"))"
        })

    @Test("each of them is declared, and stands in the list once")
    func there() {
        #expect(Self.demanded.count > 100)
        #expect(Set(Self.demanded.map(\.route)).count == Self.demanded.count)
        for (route, isThere) in Self.demanded where isThere { #expect(Self.declared.contains(route), "\(route)") }
    }

    @Test("those that are said to be missing are missing")
    func missing() {
        for (route, isThere) in Self.demanded where !isThere { #expect(!Self.declared.contains(route), "\(route)") }
    }
}

import HTTPTypes
import Kernel
import Testing

@testable import WebAPI

@Suite("What a route's requests are counted in")
struct RoutePolicyTests {
    private static let route = Route.notAvailable(.get, "/nests")

    @Test("each way of counting has its buckets before the handler, and the one that is the route's own")
    func buckets() {
        let ways: [(Route, before: [RateLimitBucket], own: RateLimitBucket?)] = [
            (Self.route, [.user], nil),
            (Self.route.limited(by: .upload), [.user, .upload], .upload),
            (Self.route.limited(only: .media), [.media], .media),
            (Self.route.limitedByHandler(.group), [.user], .group),
            (Self.route.uncounted, [], nil),
        ]
        for (route, before, own) in ways {
            #expect(route.policy.counting.buckets(.user) == before)
            #expect(route.bucket == own)
        }
    }

    @Test("what is said of a route adds up")
    func combined() {
        let policy = Self.route.limited(by: .upload).inMaintenance.forPeople.policy
        #expect(policy.counting.bucket == .upload && policy.worksInMaintenance && policy.isForPeople)
    }
}

import Kernel

/// Whom a route lets in and what its requests are counted in. A `Door` goes by it.
struct RoutePolicy: Sendable {
    enum Counting: Sendable {
        /// With everything else that the caller does and, if there is one, in a limit of the route's own.
        case withCaller(and: RateLimitBucket?)
        /// In the route's own limit alone.
        case apart(RateLimitBucket)
        /// With everything else that the caller does; in the route's own limit by the handler, when it has seen what the request
        /// is about.
        case byHandler(RateLimitBucket)
        /// Not at all.
        case never

        /// The route's own limit.
        var bucket: RateLimitBucket? {
            switch self {
            case .withCaller(let bucket): bucket
            case .apart(let bucket), .byHandler(let bucket): bucket
            case .never: nil
            }
        }

        /// What a request is counted in before its handler runs.
        /// - Parameter shared: where everything is counted that the caller does.
        func buckets(_ shared: RateLimitBucket) -> [RateLimitBucket] {
            switch self {
            case .withCaller(let bucket): [shared] + (bucket.map { [$0] } ?? [])
            case .apart(let bucket): [bucket]
            case .byHandler: [shared]
            case .never: []
            }
        }
    }

    let access: Route.Access
    var counting = Counting.withCaller(and: nil)
    /// Whether it is there for everybody while the server is being maintained.
    var worksInMaintenance = false
    /// Whether bots are kept out.
    var isForPeople = false
}

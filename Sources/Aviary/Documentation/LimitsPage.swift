import Chat
import Content
import Features
import HTTPTypes
import Kernel
import WebAPI

/// What anybody can store or cause, as Markdown: the caps that the features declare, and the rates of requests.
enum LimitsPage {
    static var markdown: String {
        """
        # Limits

        Made from the code by `make docs`; do not edit.

        Everything that somebody can store or cause has an end. What is over it is refused before anything is done, and the answer names the
        field and the number.

        ## How much there may be

        | of a | what | at most | at the limit | counted in | |
        |---|---|---|---|---|---|
        \(caps)

        Messages, and the entries that acts leave in an audit log, have no number: they come no faster than the rates below allow. A person
        has as many gateway connections as `gateway.connections_per_user` says, an address as many sockets as
        `http.connections_per_address`, and feedback is taken five times an hour and twenty times a day. Of answers of 64 KiB and more, 16 MiB
        may lie about that an account has asked for and not read: then 429 until it has.

        A name, a text or a file has a length of its own, which stands with its field in [openapi.json](openapi.json) and is counted in Unicode
        scalars, bytes where it says so.

        ## How often

        Whoever is logged in is counted by account, everybody else by address. Several limits of a bucket all hold. What is beyond is answered
        429 `Rate limited` with `retry_after`, and nothing of it is done. Tiers multiply the limits, and each can be set
        ([configuration.md](configuration.md), `rate_limits.…`).

        | bucket | limits | what is counted |
        |---|---|---|
        \(buckets)

        """
    }

    private static var caps: String {
        Instance.caps.sorted { order($0.owner) < order($1.owner) }.map { cap in
            "| \(cap.owner.rawValue) | \(cap.things) | \(cap.maximum) | \(text(cap.effect)) "
                + "| \(cap.bucket.map { "`\($0.name)`" } ?? "") | \(cap.remark) |"
        }.joined(separator: "\n")
    }

    private static func order(_ owner: Cap.Owner) -> Int { Cap.Owner.allCases.firstIndex(of: owner) ?? 0 }

    private static func text(_ effect: Cap.Effect) -> String {
        switch effect {
        case .refused(let field): "400 `Invalid input`, `\(field)`"
        case .oldestGoes: "the oldest goes"
        case .leftOut: "the rest is left out"
        }
    }

    private static var buckets: String {
        let routes = Dictionary(grouping: Instance.documentedRoutes.filter { $0.bucket != nil }) { $0.bucket }
        return Instance.features.rateLimitBuckets.map { bucket in
            let counted =
                switch bucket {
                case .user: "everything that somebody who is logged in asks for"
                case .address: "everything that comes from an address without a login"
                default: (routes[bucket] ?? []).map { "`\($0.method.rawValue) \($0.path)`" }.joined(separator: ", ")
                }
            let limits = bucket.defaults.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(bucket.name)` | \(limits) | \(counted) |"
        }.joined(separator: "\n")
    }
}

import Kernel

extension JanusRoom {
    /// Somebody in the room.
    final class Participant {
        let session: Int64
        var privateID: Int64 = 0
        /// The newest attempt to publish.
        var attempt = 0
        var rule: Rule
        var publication: Publication?
        var subscription: Subscription?
        var hasBegun = false
        var isSettling = false

        init(session: Int64, rule: Rule) {
            self.session = session
            self.rule = rule
        }
    }

    final class Publication {
        let handle: JanusHandle
        /// What Janus calls them, which is another one for each connection.
        let name: String
        /// Whether something was offered by it.
        var isUsed = false
        /// Whether media can flow: before, nobody can be sent them.
        var isUp = false
        /// Kinds by media sections.
        var streams: [String: String] = [:]
        var silenced: Set<String> = []

        init(handle: JanusHandle, name: String) {
            self.handle = handle
            self.name = name
        }
    }

    final class Subscription {
        struct Section {
            let stream: Stream
            let feed: Feed
        }

        let handle: JanusHandle
        let generation: Int
        var sections: [Section] = []
        /// What was asked for and is in no section yet.
        var requested: Set<Feed> = []
        /// Since when an answer is waited for.
        var offeredAt: ContinuousClock.Instant?
        /// How many have been made.
        var offers = 0
        /// The sections of which nothing is sent.
        var paused: Set<String> = []

        init(handle: JanusHandle, generation: Int) {
            self.handle = handle
            self.generation = generation
        }

        var feeds: Set<Feed> { requested.union(sections.map(\.feed)) }
    }

    /// A stream that somebody publishes.
    struct Feed: Hashable, Comparable {
        let name: String
        let mid: String

        var json: JSON { .object(["feed": .string(name), "mid": .string(mid)]) }

        static func < (one: Feed, other: Feed) -> Bool { (one.name, one.mid) < (other.name, other.mid) }
    }
}

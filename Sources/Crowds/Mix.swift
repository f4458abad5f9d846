/// How often a person does what.
package struct Mix: Sendable {
    package let name: String
    /// In words, for who reads the figures.
    package let description: String
    private let deeds: [(deed: Deed, perMinute: Double)]
    private let perMinute: Double

    private init(_ name: String, _ description: String, _ deeds: [(deed: Deed, perMinute: Double)]) {
        self.name = name
        self.description = description
        self.deeds = deeds
        perMinute = deeds.reduce(0) { $0 + $1.perMinute }
    }

    /// People who are there, and talk now and then.
    package static let everyday = Mix(
        "everyday",
        """
        in a minute a person reads a channel twice, acknowledges what they read twice, types 0.6 times, says something 0.5 times, \
        reacts 0.3 times, and comes online 0.05 times
        """,
        [(.read, 2), (.acknowledge, 2), (.type, 0.6), (.say, 0.5), (.react, 0.3), (.comeOnline, 0.05)])

    /// People who work with it, as the makers of Mattermost imitate them when they look for how many a server bears: the shares of
    /// what their simulated user does (`simulcontroller` of mattermost-load-test-ng, controller.go as of 2026), with 20 seconds between
    /// two deeds on the average (`AvgIdleTimeMs`). What does not exist here is left out: surveys, categories, reports, reminders, 1.1 %
    /// of all. To change to a channel or a conversation reads it and acknowledges it.
    package static let mattermost = Mix(
        "Mattermost's",
        """
        every twenty seconds a person does something: of 1,000 deeds 559 change to another channel or conversation, which reads and \
        acknowledges it, 148 scroll back, 74 look for what is unread, 74 say something, having typed, 90 look at threads, 22 go to an old \
        message, 11 connect again, 10 react, 3 correct what they said, 2 look at a profile, 4 search for people, and 2 for messages
        """,
        of([
            // SwitchChannel 6.5219, OpenDirectOrGroupChannel 0.9843.
            (.read, 7.5062), (.acknowledge, 7.5062),
            // ScrollChannel; UnreadCheck; CreatePost, for which one types.
            (.scrollBack, 1.9873), (.checkUnread, 1), (.type, 1), (.say, 1),
            // ViewGlobalThreads, ViewThread, UpdateThreadRead; ClickPermalink.
            (.lookAtThreads, 1.21), (.jump, 0.3),
            // ReconnectWebSocket, FullReload, LogoutLogin.
            (.comeOnline, 0.1454),
            // AddReaction; EditPost and DeletePost; ClickUserProfile.
            (.react, 0.1306), (.correct, 0.0449), (.lookAtProfile, 0.03),
            // SearchUsers, SearchGroupChannels; SearchPosts.
            (.searchPeople, 0.0524), (.searchMessages, 0.0218),
        ]))

    /// Three deeds a minute; what goes along with another one is none of its own.
    private static func of(_ shares: [(deed: Deed, share: Double)]) -> [(deed: Deed, perMinute: Double)] {
        let all = shares.reduce(0) { $0 + ([.acknowledge, .type].contains($1.deed) ? 0 : $1.share) }
        return shares.map { ($0.deed, 3 * $0.share / all) }
    }

    /// Of one person, all deeds together.
    var perSecond: Double { perMinute / 60 }

    func byChance() -> Deed {
        var share = Double.random(in: 0..<perMinute)
        return deeds.first { deed in
            share -= deed.perMinute
            return share < 0
        }?.deed ?? .read
    }
}

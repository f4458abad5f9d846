import Testing

@testable import aviary_faults

/// What the referee of a cluster makes of forged observations: each that is not right fails its own check, and no other.
@Suite("The verdict on a cluster")
struct ClusterVerdictTests {
    typealias Check = ClusterVerdict.Check
    typealias Observations = ClusterVerdict.Observations

    private static let stage = Stage(server: "s", everyone: "e", channels: ["calm", "storm"], guests: ["guest"])

    private static func message(_ id: Int, _ channel: String, _ nonce: String) -> Occurrence {
        .message(id: "\(id)", channel: channel, nonce: nonce)
    }

    /// What everybody saw of a run in which all went well:
    ///
    ///     11 a-0 in calm, 12 a-1 in storm, 20 storm is hidden (21 recorded), 22 a-2 in storm, 30 it is shown (31 recorded),
    ///     32 a-3 in storm, 33 a-4 in calm, 34 a-4 is taken back, 40 the guest is thrown out (42 recorded), 43 a-5 in calm,
    ///     50 the guest comes back (51 told), 52 a-6 in calm
    private static var good: Observations {
        let log: [(Int64, Occurrence)] = [
            (11, message(101, "calm", "a-0")), (12, message(102, "storm", "a-1")),
            (20, .overwrites(channel: "storm", .init(denied: ["e"]))), (21, .recorded(target: "storm")),
            (22, message(103, "storm", "a-2")),
            (30, .overwrites(channel: "storm", .init())), (31, .recorded(target: "storm")),
            (32, message(109, "storm", "a-3")), (33, message(105, "calm", "a-4")),
            (34, .deletion(id: "105", channel: "calm")),
            (40, .left(user: "guest")), (42, .recorded(target: "guest")), (43, message(106, "calm", "a-5")),
            (50, .joined(user: "guest")), (52, message(107, "calm", "a-6")),
        ]
        let heard = log.map { Heard(position: $0.0, occurrence: $0.1) }
        let sent: [(Int, String, String)] = [
            (101, "calm", "a-0"), (102, "storm", "a-1"), (103, "storm", "a-2"), (109, "storm", "a-3"),
            (105, "calm", "a-4"),
            (106, "calm", "a-5"), (107, "calm", "a-6"),
        ]
        var observations = Observations(stage: stage)
        observations.acknowledged = sent.map { id, channel, nonce in
            Ledger.Sent(message: Sighting(id: "\(id)", nonce: nonce), channel: channel)
        }
        observations.deleted = ["105"]
        for sent in observations.acknowledged where sent.message.id != "105" {
            observations.history[sent.channel, default: []].append(sent.message)
        }
        var (witness, other) = (account("witness 1"), account("witness 2"))
        (witness.heard, other.heard) = (heard, heard)
        // It lost its socket after 12, and resumed when the log had come to 33.
        other.resumes = [.init(after: 12, through: 33, decidedAfter: 33, decidedBefore: 33)]
        var guest = account("guest", viewer: "guest")
        guest.heard =
            heard.filter { ![21, 22, 31, 42, 43, 50].contains($0.position) }
            + [Heard(position: 51, occurrence: .told(id: "s"))]
        guest.heard.sort { $0.position < $1.position }
        observations.accounts = [witness, other, guest]
        // At its end the guest sees everything again; what was taken back is left out.
        var replay = account("replay", start: 11)
        replay.heard = heard.filter { $0.position > 11 && $0.position != 33 }
        replay.resumes = [.init(after: 11, through: 52, decidedAfter: 52, decidedBefore: 52)]
        observations.replays = [replay]
        observations.windows = [.init(places: [.node(1)], from: .seconds(5), through: .seconds(10))]
        observations.failures = [.init(place: .node(1), status: 503, at: .seconds(7))]
        return observations
    }

    private static func account(_ name: String, viewer: String? = nil, start: Int64 = 10) -> Account {
        Account(name: name, viewer: viewer, start: start)
    }

    private static func failed(_ observations: Observations) -> Set<Check> {
        Set(ClusterVerdict(observations).faults.map(\.check))
    }

    @Test("what is right passes")
    func right() {
        #expect(ClusterVerdict(Self.good).faults.map(\.what) == [])
    }

    /// A forgery, and the check that has to notice it.
    private struct Forgery: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let check: Check
        let forge: @Sendable (inout Observations) -> Void
    }

    private static let forgeries: [Forgery] = [
        .init(testDescription: "nothing at all", check: .something) { $0 = Observations(stage: stage) },
        .init(testDescription: "an acknowledged message is missing in the history", check: .kept) {
            $0.history["calm"]?.removeFirst()
        },
        .init(testDescription: "what was taken back is still there", check: .gone) {
            $0.history["calm"]?.insert(Sighting(id: "105", nonce: "a-4"), at: 1)
        },
        .init(testDescription: "something nobody was told of", check: .known) {
            $0.history["calm"]?.append(Sighting(id: "108", nonce: "a-7"))
        },
        .init(testDescription: "one message twice in the history", check: .onceInHistory) {
            $0.history["calm"]?.append(Sighting(id: "108", nonce: "a-6"))
        },
        .init(testDescription: "two acknowledgements of the same message", check: .onceAcknowledged) {
            $0.acknowledged.append($0.acknowledged[0])
        },
        .init(testDescription: "a writer's messages out of order", check: .writersOrder) {
            $0.history["calm"]?.swapAt(0, 1)
        },
        .init(testDescription: "an id below the one before", check: .idsGrow) { swapIDs("101", "107", in: &$0) },
        .init(testDescription: "a witness does not hear a message", check: .heard) {
            $0.accounts[1].heard.removeAll { $0.position == 52 }
        },
        .init(testDescription: "a witness does not hear that a message is gone", check: .heard) {
            $0.accounts[1].heard.removeAll { $0.position == 34 }
        },
        .init(testDescription: "nobody hears a message", check: .heard) { observations in
            for index in observations.accounts.indices {
                observations.accounts[index].heard.removeAll { $0.position == 52 }
            }
            observations.replays[0].heard.removeAll { $0.position == 52 }
        },
        .init(testDescription: "a guest does not hear what it sees", check: .heard) {
            $0.accounts[2].heard.removeAll { $0.position == 32 }
        },
        .init(testDescription: "a guest hears nothing after it has come back", check: .heard) {
            $0.accounts[2].heard.removeAll { $0.position == 52 }
        },
        .init(testDescription: "a witness hears a message twice", check: .heardOnce) {
            $0.accounts[1].heard.append(Heard(position: 52, occurrence: message(107, "calm", "a-6")))
        },
        .init(testDescription: "a witness hears two messages the wrong way round", check: .heardInOrder) {
            $0.accounts[1].heard.swapAt(0, 1)
        },
        .init(testDescription: "a guest hears a hidden channel", check: .unseen) {
            $0.accounts[2].heard.insert(Heard(position: 22, occurrence: message(103, "storm", "a-2")), at: 3)
        },
        .init(testDescription: "a guest hears somebody type in a hidden channel", check: .unseen) {
            $0.accounts[2].heard.insert(Heard(position: 25, occurrence: .typing(channel: "storm")), at: 3)
        },
        .init(testDescription: "a guest hears a server that it was thrown out of", check: .unseen) {
            $0.accounts[2].heard.insert(
                Heard(position: 43, occurrence: message(106, "calm", "a-5")), at: $0.accounts[2].heard.count - 2)
        },
        .init(testDescription: "a resumed guest hears what was hidden meanwhile", check: .unseen) {
            // It lost its socket after 11, and came back when storm was hidden.
            $0.accounts[2].resumes = [.init(after: 11, through: 23, decidedAfter: 23, decidedBefore: 23)]
        },
        .init(testDescription: "the same message at two positions", check: .onePosition) {
            for index in $0.accounts[1].heard.indices where $0.accounts[1].heard[index].position == 43 {
                $0.accounts[1].heard[index] = Heard(position: 44, occurrence: message(106, "calm", "a-5"))
            }
        },
        .init(testDescription: "a refused session", check: .resumed) { $0.accounts[1].refusals = 1 },
        .init(testDescription: "a replay lacks a message", check: .replayed) {
            $0.replays[0].heard.removeAll { $0.position == 22 }
        },
        .init(testDescription: "a replay has what was taken back", check: .replayed) {
            $0.replays[0].heard.insert(Heard(position: 33, occurrence: message(105, "calm", "a-4")), at: 7)
        },
        .init(testDescription: "a replay has a message twice", check: .replayed) {
            $0.replays[0].heard.append(Heard(position: 52, occurrence: message(107, "calm", "a-6")))
        },
        .init(testDescription: "a channel that is hidden and can be read", check: .obeyed) { $0.oddities = ["200"] },
        .init(testDescription: "503 by a node that nothing was done to", check: .quiet) {
            $0.failures.append(.init(place: .node(2), status: 503, at: .seconds(7)))
        },
        .init(testDescription: "503 after the fault", check: .quiet) {
            $0.failures.append(.init(place: .node(1), status: 503, at: .seconds(11)))
        },
        .init(testDescription: "a writer who does not get on any more", check: .recovered) { $0.stalls = ["round 1"] },
    ]

    @Test("each forgery fails its own check, and no other", arguments: forgeries)
    private func forged(_ forgery: Forgery) {
        var observations = Self.good
        forgery.forge(&observations)
        #expect(Self.failed(observations) == [forgery.check])
    }

    @Test("there is a forgery for each check")
    func complete() {
        #expect(Set(Self.forgeries.map(\.check)) == Set(Check.allCases))
    }

    @Test("what a session that resumed could not see any more is not missed")
    func lost() {
        var observations = Self.good
        observations.accounts[2].resumes = [.init(after: 11, through: 23, decidedAfter: 23, decidedBefore: 23)]
        observations.accounts[2].heard.removeAll { $0.position == 12 }
        #expect(Self.failed(observations) == [])
    }

    @Test("what was taken back before a node had read it is not missed, but that it was taken back is")
    func takenBack() {
        var observations = Self.good
        observations.accounts[0].heard.removeAll { $0.position == 33 }
        #expect(Self.failed(observations) == [.heard])
        observations.nodesMayBeLate = true
        #expect(Self.failed(observations) == [])
        observations.accounts[0].heard.removeAll { $0.position == 34 }
        #expect(Self.failed(observations) == [.heard])
    }

    /// Somebody else's message between the events of a change, which is taken back in the end; the guest hears of that alone.
    private static func between(_ position: Int64, id: Int = 110) -> (Observations, message: Heard) {
        var observations = Self.good
        let between = Heard(position: position, occurrence: message(id, "storm", "b-0"))
        observations.acknowledged.append(.init(message: Sighting(id: "\(id)", nonce: "b-0"), channel: "storm"))
        observations.deleted.insert("\(id)")
        let end = Heard(position: 53, occurrence: .deletion(id: "\(id)", channel: "storm"))
        for index in [0, 1] { add([between, end], to: &observations.accounts[index]) }
        add([end], to: &observations.accounts[2])
        observations.replays = []
        return (observations, between)
    }

    private static func add(_ heard: [Heard], to account: inout Account) {
        account.heard = (account.heard + heard).sorted { $0.position < $1.position }
    }

    @Test("among the events of a change, others' may be heard or not")
    func changing() {
        var (observations, message) = Self.between(41)
        #expect(Self.failed(observations) == [])
        Self.add([message], to: &observations.accounts[2])
        #expect(Self.failed(observations) == [])
    }

    @Test("who is told first that they see a channel may hear what is said in it before the others are told")
    func toldFirst() {
        var (observations, message) = Self.between(28, id: 108)
        #expect(Self.failed(observations) == [])
        Self.add([message], to: &observations.accounts[2])
        #expect(Self.failed(observations) == [.unseen])
        Self.add([Heard(position: 27, occurrence: .told(id: "storm"))], to: &observations.accounts[2])
        #expect(Self.failed(observations) == [])
    }

    /// Gives two messages each other's ids, everywhere.
    private static func swapIDs(_ first: String, _ second: String, in observations: inout Observations) {
        func swapped(_ id: String) -> String { id == first ? second : id == second ? first : id }
        func swap(_ sighting: Sighting) -> Sighting { Sighting(id: swapped(sighting.id), nonce: sighting.nonce) }
        func swap(_ account: Account) -> Account {
            var account = account
            account.heard = account.heard.map { heard in
                guard case .message(let id, let channel, let nonce) = heard.occurrence else { return heard }
                return Heard(
                    position: heard.position, occurrence: .message(id: swapped(id), channel: channel, nonce: nonce))
            }
            return account
        }
        observations.acknowledged = observations.acknowledged.map {
            .init(message: swap($0.message), channel: $0.channel)
        }
        observations.history = observations.history.mapValues { $0.map(swap) }
        observations.accounts = observations.accounts.map(swap)
        observations.replays = observations.replays.map(swap)
    }
}

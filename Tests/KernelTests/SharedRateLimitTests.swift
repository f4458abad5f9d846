import TestPrograms
import Testing

@testable import Kernel

@Suite("Rate limits of several nodes")
struct SharedRateLimitTests {
    private static let secret = Array(UInt8(0)..<16)
    private static let bucket = RateLimitBucket("test", Rate(5, per: .seconds(5), burst: 3))
    private static let start = Timestamp(seconds: 1_800_000_000)

    private let clock = ManualClock(start)

    private func node() -> RateLimiter { RateLimiter(secret: Self.secret, clock: clock) }

    private func passes(_ node: RateLimiter, _ name: String = "a") -> Bool {
        (try? node.spend([Self.bucket], of: .address(name))) != nil
    }

    /// How many of `count` requests are let through.
    private func passing(_ count: Int, _ node: RateLimiter, _ name: String = "a") -> Int {
        (0..<count).count { _ in passes(node, name) }
    }

    // MARK: The hash

    @Test("the hash is that of the standard")
    func hash() {
        // The reference's vectors for the key 00…0f and the texts 00…, of as many bytes.
        let words: [UInt64] = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]
        for (count, expected) in [
            (0, 0x726f_db47_dd0e_0e31 as UInt64), (1, 0x93f5_f579_9a93_2462), (2, 0x3f2a_cc7f_57c2_9bdb),
        ] {
            var hash = SipHash(SipHash.Key(Self.secret))
            for word in words.prefix(count) { hash.add(word) }
            #expect(hash.hash() == expected)
        }
    }

    @Test("texts that are alike in parts are told apart")
    func texts() {
        let texts = ["", "\0", "a", "a\0", "12345678", "123456781", "1234567", "12345678\0", "10.0.0.1", "10.0.0.11"]
        let hashes = texts.map { text in
            var hash = SipHash(SipHash.Key(Self.secret))
            hash.add(text)
            return hash.hash()
        }
        #expect(Set(hashes).count == texts.count)
    }

    // MARK: Telling

    @Test("what one node lets through counts on the others once they are told")
    func told() throws {
        let (one, two) = (node(), node())
        #expect(passing(5, one) == 5)
        let grants = try #require(one.takeGrants())
        #expect(one.takeGrants() == nil, "it is told once")
        two.hear(grants)
        #expect(passing(8, two) == 3)
        #expect(passing(8, two, "b") == 8, "others are not kept out")
        // What it hears is not told again.
        let back = try #require(two.takeGrants())
        one.hear(back)
        #expect(passing(8, one) == 0)
        #expect(RateGrants(back)?.grants.map(\.cost_us).max() == 8_000_000)
        clock.advance(by: .seconds(1))
        #expect(passing(8, one) == 1)
    }

    @Test("a node with another secret says nothing to these, and hears nothing of them")
    func secrets() throws {
        let (one, other) = (node(), RateLimiter(secret: Array(repeating: 7, count: 16), clock: clock))
        #expect(passing(8, one) == 8)
        other.hear(try #require(one.takeGrants()))
        #expect(passing(8, other) == 8)
    }

    @Test("who is alone tells nothing")
    func alone() {
        let limiter = RateLimiter(clock: clock)
        #expect(passing(8, limiter) == 8)
        #expect(limiter.takeGrants() == nil)
    }

    @Test("what comes twice counts once, what comes in another order counts, and what is old does not")
    func doubled() throws {
        let (one, two) = (node(), node())
        var told: [[UInt8]] = []
        for name in ["a", "b", "c"] {
            #expect(passing(2, one, name) == 2)
            told.append(try #require(one.takeGrants()))
        }
        for message in [told[2], told[0], told[2], told[0], told[0]] { two.hear(message) }
        #expect(["a", "b", "c"].map { passing(20, two, $0) } == [6, 8, 6])
        // By its own measure, the second one is from more than a second ago.
        for _ in 0..<40 { #expect(one.takeGrants() == nil) }
        #expect(passing(8, one, "d") == 8)
        two.hear(try #require(one.takeGrants()))
        two.hear(told[1])
        clock.advance(by: .seconds(60))
        #expect(passing(20, two, "b") == 8)
        one.hear(told[0])
        #expect(passing(20, one, "a") == 8, "nobody hears themselves")
    }

    @Test("messages come as they were, and nonsense is none")
    func wire() {
        var random = HostileText(seed: 7)
        for count in [0, 1, 2, RateGrants.maximumCount] {
            let grants = RateGrants(
                sender: random.next(), number: random.next(),
                grants: (0..<count).map { _ in
                    RateGrant(key: random.next(), cost_us: .random(in: 0...RateGrant.maximumCost_us, using: &random))
                })
            #expect(RateGrants(grants.bytes) == grants)
            #expect(grants.bytes.count <= 5700)
            for _ in 0..<200 {
                var bytes = grants.bytes
                switch random.next() % 3 {
                case 0: bytes.removeLast(.random(in: 1...bytes.count, using: &random))
                case 1: bytes[0] = UInt8.random(in: 2...255, using: &random)
                default: bytes += (0..<Int.random(in: 1...15, using: &random)).map { UInt8($0) }
                }
                if let read = RateGrants(bytes) { #expect(read.grants.count < count, "a shorter one is one") }
            }
        }
        #expect(RateGrants([]) == nil && RateGrants([1]) == nil)
        #expect(RateGrants([1] + Array(repeating: 0, count: 16 + 16 * (RateGrants.maximumCount + 1))) == nil)
    }

    @Test(
        "whatever another node says, it traps nobody and keeps nobody out for much longer than a bucket takes to fill")
    func hostile() throws {
        let (one, two) = (node(), node())
        for seed in 0..<300 as Range<UInt64> {
            var random = HostileText(seed: seed)
            let name = "\(seed)"
            #expect(passing(8, one, name) == 8)
            let message = try #require(one.takeGrants())
            let told = try #require(RateGrants(message))
            for _ in 0..<5 {
                let costs: [Int64] = [0, 1, 1_000_000, RateGrant.maximumCost_us, .max]
                var bytes = RateGrants(
                    sender: random.next() % 3, number: [0, 1, random.next(), .max].randomElement(using: &random) ?? 0,
                    grants: told.grants.map { grant in
                        RateGrant(key: grant.key, cost_us: costs.randomElement(using: &random) ?? 0)
                    }
                ).bytes
                // Numbers that are no numbers here.
                if seed.isMultiple(of: 3) { for index in 25..<33 { bytes[index] = 0xff } }
                two.hear(bytes)
            }
            _ = passes(two, name)
            clock.advance(by: .seconds(17))
            #expect(passes(two, name), "seed \(seed)")
            clock.advance(by: .seconds(8))
            #expect(passing(20, two, name) == 8, "seed \(seed)")
        }
    }

    // MARK: Bounds

    @Test("addresses that ask for little are no word on the bus, however many they are")
    func flood() {
        let limiter = RateLimiter(rates: [.address: [Rate(60, per: .seconds(60))]], secret: Self.secret, clock: clock)
        for index in 0..<200_000 { _ = try? limiter.spend([.address], of: .address("flood \(index)")) }
        #expect(limiter.takeGrants() == nil)
    }

    @Test("addresses that ask for much are told of a few at a time, and none that is heard of fills the memory")
    func busyFlood() throws {
        let (one, two) = (node(), node())
        for index in 0..<20_000 { #expect(passing(3, one, "flood \(index)") == 3) }
        var count = 0
        while let bytes = one.takeGrants() {
            #expect(bytes.count <= 5700)
            count += try #require(RateGrants(bytes)).grants.count
            two.hear(bytes)
        }
        #expect((1...4096).contains(count))
        // What found no place in line is told with the next request.
        #expect(passes(one, "flood 19999"))
        two.hear(try #require(one.takeGrants()))
        #expect(passing(20, two, "flood 19999") == 4)
    }

    @Test("there are no more senders than there can be nodes, and those that are gone make room")
    func senders() {
        var senders = RateGrantSenders()
        func hears(_ number: UInt64, _ sender: UInt64, _ now_us: Int64) -> Bool {
            senders.hear(number, from: sender, at: now_us)
        }
        for sender in 0..<UInt64(RateGrantSenders.maximumCount) { #expect(hears(1, sender, 0)) }
        #expect(!hears(1, .max, 1))
        #expect(hears(2, 0, 60_000_000))
        #expect(hears(1, .max, 60_000_001))
        #expect(!hears(2, 0, 60_000_002))
    }

    // MARK: Whatever is lost

    /// Nodes that ask and tell, and a way between them that loses, doubles and delays what it likes.
    private struct World {
        let clock = ManualClock(SharedRateLimitTests.start)
        let nodes: [RateLimiter]
        var random: HostileText
        let loss: Int
        /// What is under way, and after which tick it comes.
        var letters: [(due: Int, to: Int, bytes: [UInt8])] = []
        var granted = 0

        init(_ count: Int, seed: UInt64, loss: Int) {
            random = HostileText(seed: seed)
            self.loss = loss
            nodes = (0..<count).map { [clock] _ in RateLimiter(secret: SharedRateLimitTests.secret, clock: clock) }
        }

        mutating func ask() {
            let node = nodes[Int.random(in: nodes.indices, using: &random)]
            if (try? node.spend([SharedRateLimitTests.bucket], of: .address("a"))) != nil { granted += 1 }
        }

        mutating func tick(_ number: Int) {
            clock.advance(by: RateLimiter.tellingInterval)
            for (index, node) in nodes.enumerated() {
                guard let bytes = node.takeGrants() else { continue }
                for other in nodes.indices where other != index {
                    guard Int.random(in: 0..<100, using: &random) >= loss else { continue }
                    for _ in 0..<(loss > 0 ? Int.random(in: 1...2, using: &random) : 1) {
                        let delay = loss > 0 ? Int.random(in: 0...5, using: &random) : 0
                        letters.append((number + delay, other, bytes))
                    }
                }
            }
            for letter in letters where letter.due <= number { nodes[letter.to].hear(letter.bytes) }
            letters.removeAll { $0.due <= number }
        }
    }

    @Test("over several nodes little more is let through than on one", arguments: [1, 2, 3, 5])
    func excess(nodes: Int) {
        for seed in 0..<100 as Range<UInt64> {
            var world = World(nodes, seed: seed, loss: 0)
            // A hundred requests a second, for half a minute and long after the bucket is empty.
            for tick in 0..<1200 {
                for _ in 0..<Int.random(in: 0...5, using: &world.random) { world.ask() }
                world.tick(tick)
            }
            // A bucket of eight, what flows back in half a minute, and once what each node lets through before it is told.
            #expect(world.granted <= 8 + 30 + 2 * nodes, "seed \(seed): \(world.granted)")
            #expect(world.granted >= 8 + 29, "seed \(seed): \(world.granted)")
        }
    }

    @Test("three nodes let eight at once through ten times at most, when two dozen come in three tenths of a second")
    func eight() {
        for seed in 0..<500 as Range<UInt64> {
            var world = World(3, seed: seed, loss: 0)
            for tick in 0..<12 {
                for _ in 0..<2 { world.ask() }
                world.tick(tick)
            }
            #expect((8...10).contains(world.granted), "seed \(seed): \(world.granted)")
        }
    }

    @Test(
        "whatever is lost, doubled and late, nobody is let through more than the nodes would alone, nor kept out",
        arguments: [5, 50, 100])
    func anyLoss(percent: Int) {
        for seed in 0..<200 as Range<UInt64> {
            var world = World(3, seed: seed, loss: percent)
            for tick in 0..<50 {
                for _ in 0..<5 { world.ask() }
                world.tick(tick)
            }
            #expect(world.granted <= 3 * (8 + 5), "seed \(seed), \(percent) % lost")
            #expect(world.granted >= 8, "seed \(seed), \(percent) % lost")
            for tick in 50..<60 { world.tick(tick) }
            world.clock.advance(by: .seconds(24))
            for node in world.nodes {
                #expect((try? node.spend([Self.bucket], of: .address("a"))) != nil, "seed \(seed), \(percent) % lost")
            }
        }
    }
}

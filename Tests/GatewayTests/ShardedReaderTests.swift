import Events
import Kernel
import Testing

@testable import Gateway

@Suite struct ShardedReaderTests {
    /// Servers of the shards 0 to 3 of four.
    private static let servers = (0..<4).map { Int64(4000 + $0) << 22 | 12_345 }

    @Test func `each server belongs to one shard, whatever its number`() {
        for id in [1, 4095, 1 << 22, .max, 7_123_456_789_012_345_678] + Self.servers {
            for count: UInt16 in [1, 2, 3, 16, 65_535] {
                let shards = (0..<count).filter {
                    SessionShard(index: $0, count: count).contains(ServerID(rawValue: id))
                }
                #expect(shards == [UInt16((id >> 22) % Int64(count))])
            }
        }
        // A number that was never a server's is nobody's, or somebody's, and no trap.
        let odd = (0..<3).filter { SessionShard(index: $0, count: 3).contains(ServerID(rawValue: -1)) }
        #expect(odd.count == 1)
    }

    @Test(arguments: [
        ("MESSAGE_CREATE", #"{"id":"5","server_id":"7"}"#, EventHome.server(ServerID(rawValue: 7))),
        ("MESSAGE_CREATE", #"{"id":"5","server_id":null}"#, .nowhere),
        ("GUILD_CREATE", #"{"server":{"id":"7"},"channels":[]}"#, .server(ServerID(rawValue: 7))),
        ("GUILD_UPDATE", #"{"id":"7","name":"Nest"}"#, .server(ServerID(rawValue: 7))),
        ("GUILD_DELETE", #"{"id":"7"}"#, .server(ServerID(rawValue: 7))),
        ("GUILD_MEMBER_ADD", #"{"id":"9","server_id":"7"}"#, .server(ServerID(rawValue: 7))),
        ("PRESENCE_UPDATE", #"{"user_id":"9"}"#, .anywhere), ("USER_UPDATE", #"{"id":"9"}"#, .anywhere),
        ("GUILD_DELETE", #"{"id":7}"#, .anywhere), ("MESSAGE_CREATE", "nonsense", .anywhere),
        ("MESSAGE_CREATE", #"{"server_id":"x"}"#, .nowhere),
    ])
    func `an event says where it belongs`(name: String, payload: String, home: EventHome) {
        let event = Event(
            position: 1, at: Timestamp(seconds: 0), name: EventName(rawValue: name), intent: [], audiences: [],
            payload: Array(payload.utf8))
        #expect(EventHome(event) == home)
        guard (try? JSONParser.parse(event.payload)) != nil else { return }
        #expect(EventHome(EventFrame(event.name, position: 1, data: event.payload)) == home)
    }

    private static func reader(_ index: UInt16) -> ShardedReader? {
        var identity = GatewayIdentity(user: UserID(rawValue: 1), login: SessionID(rawValue: 2), isBot: true)
        identity.shard = SessionShard(index: index, count: 4)
        return ShardedReader(identity)
    }

    @Test func `what is of people belongs where it is heard, what is one's own to the first session`() throws {
        let readers = try (0..<4).map { try #require(Self.reader($0)) }
        func takers(_ home: EventHome, _ audience: Int64, _ intents: Intents = []) -> [Bool] {
            readers.map { $0.takes(home, as: Audience(id: audience), intents.bits) }
        }
        #expect(takers(.server(ServerID(rawValue: Self.servers[2])), 1) == [false, false, true, false])
        #expect(takers(.nowhere, 100) == [true, false, false, false])
        #expect(takers(.anywhere, Self.servers[3], .guildPresences) == [false, false, false, true])
        #expect(takers(.anywhere, 1) == [true, false, false, false])
        #expect(takers(.anywhere, 1, .guildPresences) == [true, true, true, true])
        #expect(ShardedReader(GatewayIdentity(user: UserID(rawValue: 1), login: SessionID(rawValue: 2))) == nil)
    }

    @Test func `an event that several audiences hear reaches a session once, by any that is its own`() throws {
        var fanOut = FanOut()
        for index in 0..<4 {
            fanOut.lanes.append(FanOut.Lane(intents: Intents.all.bits))
            fanOut.lanes[index].isSharded = index < 3
            fanOut.readers[Int32(index)] = index < 3 ? Self.reader(UInt16(index)) : nil
            fanOut.subscriptions.subscribe(Int32(index), to: Set((Self.servers + [1]).map(Audience.init(id:))))
        }
        let presence = Event(
            position: 5, at: Timestamp(seconds: 0), name: EventName(rawValue: "PRESENCE_UPDATE"), intent: [],
            audiences: [Self.servers[1], Self.servers[2], Self.servers[3], 1].map(Audience.init(id:)),
            payload: Array(#"{"user_id":"9"}"#.utf8))
        let said = Event(
            position: 6, at: Timestamp(seconds: 0), name: EventName(rawValue: "MESSAGE_CREATE"), intent: [],
            audiences: [Audience(id: 1)], payload: Array(#"{"server_id":"\#(Self.servers[2])"}"#.utf8))
        for event in [presence, said] {
            let published = try #require(PublishedEvent(event))
            guard case .dispatch(let frame) = published.content else { continue }
            fanOut.add(frame, published)
        }
        let counts = (0..<4 as Range<Int32>).map { fanOut.count(of: fanOut.takeList(of: $0)) }
        #expect(counts == [1, 1, 2, 2])
    }
}

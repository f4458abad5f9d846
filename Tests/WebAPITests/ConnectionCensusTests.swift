import Testing

@testable import WebAPI

@Suite("Counting connections")
struct ConnectionCensusTests {
    @Test("an address is refused at its limit, and others are not")
    func address() {
        let census = ConnectionCensus(perAddress: 2, maximum: 100, proxies: .none)
        #expect(census.enter("192.0.2.1") == nil)
        #expect(census.enter("192.0.2.1") == nil)
        #expect(census.enter("192.0.2.1") == .address)
        #expect(census.enter("192.0.2.2") == nil)
        census.leave("192.0.2.1")
        #expect(census.enter("192.0.2.1") == nil)
        #expect(census.enter("192.0.2.1") == .address)
    }

    @Test("a network of IPv6 counts as one address, and an IPv4 address as itself on any socket")
    func networks() {
        let census = ConnectionCensus(perAddress: 1, maximum: 100, proxies: .none)
        #expect(census.enter("2001:db8::1") == nil)
        #expect(census.enter("2001:db8::ffff:2") == .address)
        #expect(census.enter("2001:db8:0:1::1") == nil)
        #expect(census.enter("192.0.2.1") == nil)
        #expect(census.enter("::ffff:192.0.2.1") == .address)
    }

    @Test("a trusted proxy is held by the limit of all only")
    func proxies() throws {
        let proxies = try #require(TrustedProxies("10.0.0.0/8"))
        let census = ConnectionCensus(perAddress: 1, maximum: 3, proxies: proxies)
        #expect(census.enter("10.1.2.3") == nil)
        #expect(census.enter("10.1.2.3") == nil)
        #expect(census.enter("192.0.2.1") == nil)
        #expect(census.enter("10.1.2.3") == .total)
        #expect(census.enter("192.0.2.2") == .total)
        census.leave("10.1.2.3")
        #expect(census.enter("192.0.2.2") == nil)
    }
}

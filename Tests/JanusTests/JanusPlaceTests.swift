@testable import Janus
import Testing

@Suite("Where the media server is reached")
struct JanusPlaceTests {
    private static let ports = 50_000...50_999

    @Test("a machine that has no address but its own has no place for one")
    func loopback() {
        #expect(JanusPlace(ports: Self.ports, among: ["127.0.0.1", "::1", "169.254.3.4", "fe80::1"]) == nil)
        #expect(JanusPlace(ports: Self.ports, among: []) == nil)
    }

    @Test("an address of the machine is offered as it is, and its namesakes are not")
    func own() throws {
        let place = try #require(
            JanusPlace(ports: Self.ports, wanted: "192.0.2.1", among: ["192.0.2.1", "192.0.2.12", "192.0.3.1"]))
        #expect(place.address == "192.0.2.1" && place.offered == "192.0.2.1")
        #expect(place.publicAddress == nil && place.namesakes == ["192.0.2.12"])
    }

    @Test("an address that a router has is offered instead of the machine's")
    func router() throws {
        let place = try #require(JanusPlace(ports: Self.ports, wanted: "198.51.100.7", among: ["192.0.2.1"]))
        #expect(place.address == "192.0.2.1" && place.publicAddress == "198.51.100.7")
        #expect(place.offered == "198.51.100.7")
    }

    @Test("a name that leads nowhere is none")
    func names() {
        #expect(JanusPlace(ports: Self.ports, wanted: "nowhere.invalid", among: ["192.0.2.1"]) == nil)
    }
}

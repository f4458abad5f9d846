import Testing

@testable import Bus

@Suite("What is sent by the bus is sealed")
struct BusSealTests {
    private let seal = BusSeal(secret: [1, 2, 3])

    @Test("a node opens what another one has sealed", arguments: [1, 15, 16, 17, 5000])
    func opens(count: Int) {
        let message = sample(count)
        #expect(seal.opened(seal.sealed(message, .events), .events) == message)
    }

    @Test("what says nothing needs no seal")
    func empty() {
        #expect(seal.sealed([], .log) == [])
        #expect(seal.opened([], .log) == [])
    }

    @Test(
        "nothing else is opened: neither what is altered, cut, of another subject, nor of somebody without the secret")
    func refuses() {
        let message = sample(100)
        let sealed = seal.sealed(message, .events)
        for place in sealed.indices {
            var altered = sealed
            altered[place] ^= 1
            #expect(seal.opened(altered, .events) == nil)
            #expect(place == 0 || seal.opened(Array(sealed.prefix(place)), .events) == nil)
        }
        #expect(seal.opened(sealed, .presence) == nil)
        #expect(seal.opened(sealed + [0], .events) == nil)
        #expect(seal.opened(message, .events) == nil)
        #expect(BusSeal(secret: [1, 2, 4]).opened(sealed, .events) == nil)
    }
}

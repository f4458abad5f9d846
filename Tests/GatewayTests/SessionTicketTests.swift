import Events
import Kernel
import Testing

@testable import Gateway

@Suite struct SessionTicketTests {
    private let key: [UInt8] = Array(0..<32)

    private func ticket(
        shard: SessionShard? = nil, epoch: LogEpoch? = LogEpoch(rawValue: .max)
    ) -> SessionTicket {
        SessionTicket(
            user: UserID(rawValue: .max), login: SessionID(rawValue: 42), intents: [.guilds, .auditLog], shard: shard,
            issuedAt: Timestamp(milliseconds: 1_700_000_000_123), epoch: epoch)
    }

    @Test func `a session id gives back what went in`() {
        for shard in [nil, SessionShard(index: 3, count: 700)] {
            let id = ticket(shard: shard).sessionID(signedWith: key)
            #expect(SessionTicket(sessionID: id, signedWith: key) == ticket(shard: shard))
            #expect(id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        }
    }

    @Test func `a session id of the time before epochs is understood, and is not one of today`() {
        // As the first version made it with this key.
        let id = "AX__________AAAAAAAAACoACAABAAAAAAAAAYvP5Wh7qdtHOuvrpj1hjITS7MGsoA"
        #expect(ticket(epoch: nil).sessionID(signedWith: key) == id)
        let read = SessionTicket(sessionID: id, signedWith: key)
        #expect(read == ticket(epoch: nil) && read?.epoch == nil)
        // One byte tells them apart, and it is signed.
        #expect(SessionTicket(sessionID: "Ag" + id.dropFirst(2), signedWith: key) == nil)
    }

    @Test func `a session id of another key is none`() {
        let id = ticket().sessionID(signedWith: Array(1..<33))
        #expect(SessionTicket(sessionID: id, signedWith: key) == nil)
    }

    @Test func `no bit of a session id can be changed`() {
        let id = Array(ticket().sessionID(signedWith: key).utf8)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var accepted: [Int] = []
        // The last character has bits that stand for nothing.
        for index in id.indices.dropLast() {
            guard let value = alphabet.firstIndex(of: id[index]) else { continue }
            for bit in 0..<6 {
                var changed = id
                changed[index] = alphabet[value ^ 1 << bit]
                let text = String(decoding: changed, as: UTF8.self)
                if SessionTicket(sessionID: text, signedWith: key) != nil { accepted.append(index) }
            }
        }
        #expect(accepted.isEmpty)
    }

    @Test(arguments: [
        "", "a", "====", "not base64 at all", String(repeating: "A", count: 66), String(repeating: "x", count: 9999),
    ])
    func `nonsense is no session id`(_ text: String) {
        #expect(SessionTicket(sessionID: text, signedWith: key) == nil)
    }
}

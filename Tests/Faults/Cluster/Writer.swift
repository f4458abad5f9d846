import Client
import Kernel
import NIOHTTP1
import NIOCore

/// Writes one message after the other into each channel in turn, and takes some of them back.
struct Writer: Sendable {
    let person: Company.Person
    let channels: [String]
    let caller: Caller
    let ledger: Ledger
    /// Between two messages: the referee looks for faults, not for the limits of the machine.
    let pause: Duration

    func write() async {
        var (number, last) = (0, [String: String]())
        while await !ledger.isClosed {
            let channel = channels[number % channels.count]
            if number % 10 == 9, let id = last[channel] {
                await takeBack(id, in: channel)
                last[channel] = nil
            }
            if let sent = await say("\(person.name)-\(number)", in: channel) { last[channel] = sent.id }
            await ledger.did(person.name)
            number += 1
            try? await Task.sleep(for: pause)
        }
        await caller.hangUp()
    }

    private func say(_ nonce: String, in channel: String) async -> Sighting? {
        let reply = await caller.insist(
            .POST, "/channels/\(channel)/messages",
            ["content": .string("message \(nonce)"), "nonce": .string(nonce)])
        guard reply.status < 300, let sent = Sighting(reply.json) else {
            await ledger.find("\(nonce) was refused: \(reply.status) \(reply.text)")
            return nil
        }
        await ledger.acknowledge(sent, in: channel)
        return sent
    }

    private func takeBack(_ id: String, in channel: String) async {
        let reply = await caller.insist(.DELETE, "/channels/\(channel)/messages/\(id)")
        // It may have been done before, and nobody could say so.
        guard reply.status < 300 || reply.status == 404 else {
            return await ledger.find("\(id) was not taken back: \(reply.status) \(reply.text)")
        }
        await ledger.acknowledgeDeletion(id)
    }
}

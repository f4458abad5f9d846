import Client
import Kernel
import NIOHTTP1
import NIOCore

/// The owner of the server throws guests out, hides channels, and gives and takes the role that shows them, one after the
/// other; and looks at every node whether it refuses what is not to be seen from then on.
struct Storm: Sendable {
    static let name = "storm"

    let company: Company
    let endpoints: [Endpoint]
    let ledger: Ledger
    let random: SeededRandomness
    let pause: Duration
    /// Longer than what a frozen or cut node was asked for can come about late.
    let doubt: Duration

    /// Who sees what, after all that was answered.
    private struct State {
        var members: Set<String>
        var holders: Set<String> = []
        var hidden: Set<String> = []

        func sees(_ guest: String, _ channel: String) -> Bool {
            members.contains(guest) && (!hidden.contains(channel) || holders.contains(guest))
        }
    }

    func rage() async {
        var state = State(members: Set(company.stage.guests))
        let owner = caller(company.owner)
        var callers: [String: Caller] = [:]
        for guest in company.guests { callers[guest.id] = caller(guest) }
        var wasInDoubt = false
        while await !ledger.isClosed {
            let isOpen = await isInDoubt([owner] + callers.values)
            if wasInDoubt, !isOpen { state = await truth(by: owner) }
            wasInDoubt = isOpen
            let guest = pick(company.guests)
            switch random.next() % 4 {
            case 0: await turn(guest.id, owner, callers[guest.id], &state)
            case 1: await turnRole(guest.id, owner, &state)
            default: await turnChannel(pick(company.stormy), owner, &state)
            }
            if await !isInDoubt([owner] + callers.values) { await look(guest, state) }
            await type(in: pick(company.stormy))
            await ledger.did(Self.name)
            try? await Task.sleep(for: pause)
        }
        while await isInDoubt([owner] + callers.values) { try? await Task.sleep(for: .milliseconds(100)) }
        // In the end everybody sees everything, and can be asked for it.
        state = await truth(by: owner)
        for guest in company.stage.guests where !state.members.contains(guest) {
            await turn(guest, owner, callers[guest], &state)
        }
        for channel in state.hidden { await turnChannel(channel, owner, &state) }
        for caller in [owner] + callers.values { await caller.hangUp() }
    }

    private func isInDoubt(_ callers: [Caller]) async -> Bool {
        for caller in callers {
            if let last = await caller.lastDoubt, .now - last < doubt { return true }
        }
        return false
    }

    /// What came of everything.
    private func truth(by owner: Caller) async -> State {
        var state = State(members: [])
        let members = await owner.insist(.GET, "/servers/\(company.stage.server)/members?limit=100").json.array ?? []
        for member in members {
            guard let id = member["user_id"]?.string, company.stage.guests.contains(id) else { continue }
            state.members.insert(id)
            if member["roles"]?.array?.contains(.string(company.role)) == true { state.holders.insert(id) }
        }
        for channel in company.stormy {
            let overwrites = Occurrence.Overwrites(
                await owner.insist(.GET, "/channels/\(channel)/overwrites").json.array ?? [])
            if !overwrites.denied.isEmpty { state.hidden.insert(channel) }
        }
        return state
    }

    private func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.next() % UInt64(elements.count))]
    }

    private func caller(_ person: Company.Person) -> Caller {
        let first = Int(random.next() % UInt64(endpoints.count))
        return Caller(token: person.token, endpoints: Array(endpoints[first...] + endpoints[..<first]), ledger: ledger)
    }

    /// Out, or in again.
    private func turn(_ guest: String, _ owner: Caller, _ own: Caller?, _ state: inout State) async {
        if state.members.remove(guest) != nil {
            state.holders.remove(guest)
            await done(
                await owner.insist(.DELETE, "/servers/\(company.stage.server)/members/\(guest)"), owner, or: [404])
        } else if let own {
            state.members.insert(guest)
            await done(await own.insist(.POST, "/channels/invites/\(company.invite)"), own, or: [400, 409])
        }
    }

    private func turnRole(_ guest: String, _ owner: Caller, _ state: inout State) async {
        guard state.members.contains(guest) else { return }
        let path = "/servers/\(company.stage.server)/members/\(guest)/roles/\(company.role)"
        if state.holders.remove(guest) != nil {
            await done(await owner.insist(.DELETE, path), owner, or: [404])
        } else {
            state.holders.insert(guest)
            await done(await owner.insist(.PUT, path), owner, or: [])
        }
    }

    private func turnChannel(_ channel: String, _ owner: Caller, _ state: inout State) async {
        let path = "/channels/\(channel)/overwrites/\(company.stage.everyone)"
        if state.hidden.remove(channel) != nil {
            await done(await owner.insist(.DELETE, path), owner, or: [404])
        } else {
            state.hidden.insert(channel)
            let sight: JSON = ["type": "role", "allow": [], "deny": ["channels.view"]]
            await done(await owner.insist(.PUT, path, sight), owner, or: [])
        }
    }

    /// - Parameter others: what it says when it was done before, and nobody could say so.
    private func done(_ reply: HTTPReply, _ caller: Caller, or others: Set<Int>) async {
        guard reply.status >= 300, !others.contains(reply.status), await !isInDoubt([caller]) else { return }
        await ledger.find("the storm was refused something: \(reply.status) \(reply.text)")
    }

    /// What was answered holds at once, everywhere.
    private func look(_ guest: Company.Person, _ state: State) async {
        let endpoint = pick(endpoints)
        for channel in company.stage.channels {
            let path = "/channels/\(channel)/messages?limit=1"
            guard let reply = await endpoint.send(.GET, path, as: guest.token) else { continue }
            if reply.status >= 500 {
                await ledger.fail(reply.status, at: endpoint.place)
            } else if reply.status != (state.sees(guest.id, channel) ? 200 : 403) {
                await ledger.find(
                    "\(endpoint.place) answers \(reply.status) to \(guest.name), who "
                        + (state.sees(guest.id, channel) ? "sees" : "does not see") + " channel \(channel)")
            }
        }
    }

    /// A guest must not hear of it after the channel went out of sight, whatever came first over the bus.
    private func type(in channel: String) async {
        let endpoint = pick(endpoints)
        let reply = await endpoint.send(.POST, "/channels/\(channel)/typing", as: company.owner.token)
        if let reply, reply.status >= 500 { await ledger.fail(reply.status, at: endpoint.place) }
    }
}

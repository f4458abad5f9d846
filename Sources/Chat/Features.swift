import HTTPTypes
import Kernel
import WebAPI

/// All features, one line each. A module that is switched off keeps its routes, which answer 503.
struct Features: Sendable {
    let parts: Parts
    let sessions: Sessions
    let accounts: Accounts
    let users: Users
    let servers: Servers
    let members: Members
    let channels: Channels
    let invites: Invites
    let messages: Messages
    let typing: Typing
    let system: SystemRoutes

    init(_ parts: Parts, hasher: PasswordHasher, transient: TransientEvents, state: SystemState) {
        self.parts = parts
        sessions = Sessions(parts)
        accounts = Accounts(parts: parts, hasher: hasher, sessions: sessions)
        users = Users(parts: parts, accounts: accounts)
        servers = Servers(parts: parts, accounts: accounts)
        members = Members(parts: parts)
        channels = Channels(parts: parts)
        invites = Invites(parts: parts, servers: servers)
        messages = Messages(parts: parts)
        typing = Typing(parts: parts, transient: transient)
        system = SystemRoutes(parts: parts, state: state)
    }

    var routes: [Route] {
        system.routes + accounts.routes + sessions.routes + users.routes + servers.routes + members.routes
            + channels.routes + switchable(.invites, invites.routes) + messages.routes
            + switchable(.typing, typing.routes) + LaterRoutes.routes
    }

    private func switchable(_ module: Module, _ routes: [Route]) -> [Route] {
        parts.configuration.disabledModules.contains(module) ? routes.map(\.switchedOff) : routes
    }
}

import Database
import Kernel

/// What somebody's permissions in a server come from.
struct HoldingGrounds {
    /// @everyone and those that they have.
    let roles: [Role]
    let timeout: Timestamp?
    let demands: OnboardingDemands?

    static func query(_ user: UserID, in server: ServerID) -> Query<HoldingGrounds> {
        RoleStore.roles(of: user, in: server)
            .and(ModerationStateStore.end(of: .timeout, of: user, in: server))
            .and(OnboardingStore.demands(of: server))
            .map { HoldingGrounds(roles: $0.0, timeout: $0.1, demands: $1) }
    }
}

/// The same, with the server, and whether they are in it at all.
struct StandingGrounds {
    let server: Server?
    let isMember: Bool
    let holding: HoldingGrounds

    static func query(_ user: UserID, in server: ServerID) -> Query<StandingGrounds> {
        ServerStore.server(server, asSeenBy: user).and(HoldingGrounds.query(user, in: server))
            .map { StandingGrounds(server: $0?.server, isMember: $0?.isMember == true, holding: $1) }
    }
}

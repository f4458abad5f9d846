import Database
import Kernel

/// Some members of a server: those who are named, or all but those who are. So nearly everyone in a large server is said without
/// being read.
enum Crowd {
    case only(Set<UserID>)
    /// Names members alone.
    case allBut(Set<UserID>)

    /// Whether a member of the server is one of them.
    func contains(_ member: UserID) -> Bool {
        switch self {
        case .only(let users): users.contains(member)
        case .allBut(let users): !users.contains(member)
        }
    }

    /// All who are in any of some crowds.
    init(joining crowds: some Sequence<Crowd>) {
        var named: Set<UserID> = []
        var absent: Set<UserID>?
        for crowd in crowds {
            switch crowd {
            case .only(let users): named.formUnion(users)
            case .allBut(let users): absent = absent.map { $0.intersection(users) } ?? users
            }
        }
        self = absent.map { .allBut($0.subtracting(named)) } ?? .only(named)
    }

    func subtracting(_ users: some Sequence<UserID>) -> Crowd {
        switch self {
        case .only(let own): .only(own.subtracting(users))
        case .allBut(let absent): .allBut(absent.union(users))
        }
    }

    func count(in server: Server) -> Int {
        switch self {
        case .only(let users): users.count
        case .allBut(let users): max(0, server.memberCount - users.count)
        }
    }

    func isEmpty(in server: Server, _ tx: Transaction) throws -> Bool {
        // Nobody is to miss anything should they be more than is counted.
        try count(in: server) == 0 && members(of: server.id, tx).isEmpty
    }

    /// Those of some users who are among them; who is no member is not.
    func members(among users: [UserID], of server: ServerID, _ tx: Transaction) throws -> Set<UserID> {
        switch self {
        case .only(let own): own.intersection(users)
        case .allBut(let absent):
            Set(try MemberStore.members(among: Set(users).subtracting(absent), of: server, tx))
        }
    }

    /// All of them by name: of a large server, many.
    func members(of server: ServerID, _ tx: Transaction) throws -> Set<UserID> {
        switch self {
        case .only(let users): users
        case .allBut(let absent): Set(try MemberStore.users(of: server, tx)).subtracting(absent)
        }
    }

    /// Those of the server who are not among them.
    func others(of server: ServerID, _ tx: Transaction) throws -> Set<UserID> {
        switch self {
        case .only(let users): Set(try MemberStore.users(of: server, tx)).subtracting(users)
        case .allBut(let absent): absent
        }
    }
}

/// With which channels a new server begins (contract: REST, Servers). The first text channel is where people arrive.
enum ServerTemplate: String, CaseIterable, Sendable {
    case standard = "default"
    /// News, questions and rules apart from the talk.
    case community
    /// A class or a group that works on something.
    case study
    /// People who play together.
    case gaming

    var channels: [(name: String, type: ChannelType)] {
        switch self {
        case .standard: [("general", .text), ("Voice", .voice)]
        case .community:
            [("general", .text), ("announcements", .announcement), ("questions", .forum), ("Voice", .voice)]
        case .study: [("general", .text), ("homework", .text), ("questions", .forum), ("Study room", .voice)]
        case .gaming: [("general", .text), ("clips", .text), ("looking-for-group", .text), ("Lobby", .voice)]
        }
    }
}

import Kernel

/// Where those are brought who are away from keyboard in a server's voice channels, and after how long.
struct AFKRoom: Sendable, Equatable {
    static let timeouts_s = [60, 300, 900, 1800, 3600]
    static let standardTimeout_s = 300

    let channel: ChannelID
    let timeout_s: Int

    static let timeout_s = JSONReader.integer(60...3600).checked("must be 60, 300, 900, 1800 or 3600") { seconds in
        timeouts_s.contains(seconds) ? seconds : nil
    }
}

import Events
import Kernel

/// What somebody sees of a place: a channel, or the server as a whole, which has no more than events.
struct PlaceSight: OptionSet, Hashable {
    let rawValue: UInt8

    static let channel = PlaceSight(rawValue: 1)
    static let messages = PlaceSight(rawValue: 2)
    static let privateThreads = PlaceSight(rawValue: 4)
    static let messagesInPrivateThreads = PlaceSight(rawValue: 8)
    static let events = PlaceSight(rawValue: 16)

    /// What nobody sees who does not see the channel.
    static let behind: PlaceSight = [.messages, .privateThreads, .messagesInPrivateThreads]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ permissions: EffectivePermissions) {
        var sight: PlaceSight = permissions.contains(.eventsView) ? [.events] : []
        let reads = permissions.contains(.messagesRead)
        if permissions.contains(.channelsView) {
            sight.insert(.channel)
            if reads { sight.insert(.messages) }
            if permissions.keeps(.threadsManage) {
                sight.insert(.privateThreads)
                if reads { sight.insert(.messagesInPrivateThreads) }
            }
        }
        self = sight
    }

    /// All that there is to see in a channel, but for events.
    static func possible(in channel: Channel) -> PlaceSight {
        channel.type.takesPrivateThreads
            ? [.channel, .messages, .privateThreads, .messagesInPrivateThreads] : [.channel, .messages]
    }

    /// What decides about it.
    var permissions: PermissionSet {
        var permissions: PermissionSet = []
        if contains(.channel) { permissions.insert([.channelsView]) }
        if contains(.messages) { permissions.insert([.messagesRead]) }
        if contains(.privateThreads) { permissions.insert([.threadsManage]) }
        if contains(.events) { permissions.insert([.eventsView]) }
        return permissions
    }

    /// What is heard of a channel through changes of sight. Public threads are heard with their parents, private ones by their
    /// members for themselves, and by who manages threads through the parent.
    func audiences(of channel: Channel) -> [Audience] {
        let id = channel.id
        var audiences: [Audience] = []
        if contains(.channel) { audiences.append(.channel(id)) }
        if contains(.messages) { audiences.append(.messages(of: id)) }
        guard channel.type.takesPrivateThreads else { return audiences }
        if contains(.privateThreads) { audiences.append(.privateThreads(of: id)) }
        if contains(.messagesInPrivateThreads) { audiences.append(.messages(inPrivateThreadsOf: id)) }
        return audiences
    }
}

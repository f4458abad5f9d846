import Community
import Content
import Events
import Features
import Gateway
import Kernel
import People

extension Live {
    static let events: [EventDeclaration] = [
        .ready(Instance.features.types.flatMap { $0.readyMembers }), .resumed(Resumed.schema),
        .guildMembersChunk(MembersChunk.schema), .voiceError,
    ]
}

import Community
import Content
import Events
import Gateway
import Kernel
import People

extension Live {
    static let events: [EventDeclaration] = [
        .ready(readyMembers), .resumed(Resumed.schema), .guildMembersChunk(MembersChunk.schema),
    ]

    /// What `snapshot` gives to READY.
    private static let readyMembers: [JSONSchema.Property] = [
        .init("user", SelfUser.schema, isRequired: true),
        .init("servers", [ServerOverview].schema, isRequired: true),
        .init("private_channels", [Channel].schema, isRequired: true),
        .init("relationships", [Relationship].schema, isRequired: true),
        .init("read_state", [ReadState].schema, isRequired: true),
        .init("settings", SettingValues.schema, isRequired: true),
        .init("presences", [Presence].schema, isRequired: true),
    ]
}

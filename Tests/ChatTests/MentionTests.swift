import Kernel
import Testing

@testable import Content

@Suite("Whom a message may speak to")
struct MentionTests {
    static func names(_ users: [Int64] = [], _ roles: [Int64] = [], everyone: Bool = false) -> MentionedNames {
        MentionedNames(
            users: Set(users.map(UserID.init(rawValue:))), roles: Set(roles.map(RoleID.init(rawValue:))),
            everyone: everyone)
    }

    @Test("the sender decides which of the names count")
    func allowed() {
        let names = Self.names([1, 2], [3, 4], everyone: true)
        #expect(AllowedMentions().filter(names) == names)
        #expect(AllowedMentions(parse: []).filter(names) == Self.names())
        #expect(AllowedMentions(parse: [.users]).filter(names) == Self.names([1, 2]))
        let some = AllowedMentions(parse: [.everyone], users: [UserID(rawValue: 2), UserID(rawValue: 9)])
        #expect(some.filter(names) == Self.names([2], everyone: true))
    }

    @Test(
        "what the sender decided is stored and read again",
        arguments: [
            (AllowedMentions(), nil), (AllowedMentions(parse: []), "reply"),
            (AllowedMentions(parse: [], repliedUser: false), ""),
            (
                AllowedMentions(
                    parse: [.users, .everyone], users: [UserID(rawValue: 12)], roles: [RoleID(rawValue: 3)]),
                "users everyone 12 &3 reply"
            ),
        ] as [(AllowedMentions, String?)])
    func allowedIsStored(allowed: AllowedMentions, stored: String?) {
        #expect(allowed.stored == stored)
        #expect(AllowedMentions(stored: stored) == allowed)
    }

    @Test("mentions are stored so that each can be found whole")
    func stored() {
        let mentions = Mentions(
            users: [UserID(rawValue: 1), UserID(rawValue: 23)], roles: [RoleID(rawValue: 4)], everyone: true)
        #expect(mentions.stored == " 1 23 &4 * ")
        #expect(Mentions(stored: mentions.stored) == mentions)
        #expect(Mentions.none.stored == nil)
        #expect(Mentions(stored: nil) == .none)
    }
}

import Kernel
import Testing

@testable import Chat

@Suite("Finding mentions")
struct MentionScannerTests {
    static func names(_ users: [Int64] = [], _ roles: [Int64] = [], everyone: Bool = false) -> MentionedNames {
        MentionedNames(
            users: Set(users.map(UserID.init(rawValue:))), roles: Set(roles.map(RoleID.init(rawValue:))),
            everyone: everyone)
    }

    @Test(
        "a text speaks to whom it names",
        arguments: [
            ("hello", names()), ("<@12>", names([12])), ("a<@12>b <@12> <@13>!", names([12, 13])),
            ("<@&7> and <@8>", names([8], [7])), ("@everyone", names(everyone: true)),
            ("hey @here!", names(everyone: true)), ("(@everyone)", names(everyone: true)),
            ("<@>", names()), ("<@&>", names()), ("<@-1>", names()), ("<@0>", names()), ("<@1", names()),
            ("<@99999999999999999999>", names()), ("<@ 1>", names()), ("<<@1>>", names([1])),
            ("me@everyone.org", names()), ("@everyones", names()), ("@@here", names(everyone: true)),
            ("é@here", names(everyone: true)),
        ])
    func scan(text: String, names: MentionedNames) {
        #expect(MentionScanner.scan(text) == names)
    }

    @Test(
        "code speaks to nobody",
        arguments: [
            ("`<@1>`", names()), ("`` <@1> ` <@2> ``", names()), ("```\n@everyone\n```<@1>", names([1])),
            ("`<@1>", names([1])), ("``<@1>`", names([1])), ("` ` <@1> ` `", names([1])),
        ])
    func code(text: String, names: MentionedNames) {
        #expect(MentionScanner.scan(text) == names)
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

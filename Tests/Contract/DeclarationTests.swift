import Chat
@testable import Content
import Database
@testable import Features
import Kernel
import Testing
import WebAPI

/// What features declare is all that there is, and each thing is one feature's.
@Suite("Declarations of features")
struct DeclarationTests {
    private static let features = Instance.features

    @Test("the rates of requests are the contract's")
    func rates() {
        let contract = [
            "user": "120/min+20, 50/s", "address": "60/min", "login": "5/min, 20/h", "register": "3/min, 10/h, 20/day",
            "two_factor": "5/min", "message.send": "5/5s+3", "message.edit": "5/5s+3", "message.delete": "5/5s+3",
            "message.list": "10/10s+5", "reaction": "1/250ms", "account.change": "2/min, 10/h",
            "server.create": "10/min, 100/day", "friend_request": "5/min, 50/h", "webhook": "5/2s",
        ]
        let declared = Dictionary(grouping: Self.features.rateLimitBuckets) { $0.name }
        for (name, text) in contract {
            #expect(declared[name]?.map(\.defaults) == Rate.list(text).map { [$0] }, "\(name)")
        }
    }

    @Test("every request is counted in buckets that an operator can set")
    func buckets() {
        let declared = Self.features.rateLimitBuckets
        #expect(Set(declared).count == declared.count)
        for route in Instance.documentedRoutes {
            guard let bucket = route.bucket else { continue }
            #expect(declared.contains(bucket), "\(route.method) \(route.path): \(bucket.name)")
        }
    }

    /// What the server keeps of a message is in no answer, or in none of the same name, for a reason.
    @Test("what a message has is in its answers and in the export of who wrote it")
    func messages() throws {
        let table = try #require(Self.features.tables.first { $0.name == "messages" })
        let columns = Set(table.columns.filter(\.value.isInExports).map(\.name))
        let answered = Set(Self.members(of: Message.schema))
        let renamed = [
            "pinned_at": "pinned", "poll_id": "poll", "voice_waveform": "voice", "author_name": "author_username",
            "author_avatar": "author_avatar_url",
        ]
        #expect(columns.subtracting(answered) == Set(renamed.keys).union(["allowed_mentions"]))
        #expect(answered.isSuperset(of: renamed.values))
        #expect(columns.subtracting(Self.members(of: WrittenMessage.schema)) == ["author_id"])
    }

    private static func members(of schema: JSONSchema) -> [String] {
        guard case .named(_, .object(let properties)) = schema else { return [] }
        return properties.map(\.name)
    }

    @Test("every permission is one feature's, as soon as anything asks for it")
    func permissions() {
        let unused: Set<Permission> = [.serverAutomod]
        let declared = Self.features.permissions
        #expect(Set(declared).count == declared.count)
        #expect(Set(declared) == Set(Permission.allCases).subtracting(unused))
    }
}

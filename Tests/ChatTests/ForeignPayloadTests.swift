import Client
import Kernel
import TestPrograms
import Testing

@testable import Content

@Suite("Payloads of other systems")
struct ForeignPayloadTests {
    @Test(
        "Slack's markup becomes Markdown",
        arguments: [
            ("*bold*", "**bold**"), ("a *b c* d", "a **b c** d"), ("2*3*4", "2*3*4"),
            ("* item\n* item", "* item\n* item"),
            ("**two**", "**two**"), ("~gone~", "~~gone~~"), ("_it_", "_it_"), ("`*code*` *bold*", "`*code*` **bold**"),
            ("<https://a.b>", "https://a.b"), ("<https://a.b|words>", "[words](https://a.b)"),
            ("<!here> now", "@here now"),
            ("<!date^1^{date}|soon>", "soon"), ("<@12>", "<@12>"), ("<@U12|mona>", "mona"),
            ("<#C1|general>", "#general"),
            ("1 &lt; 2 &amp;&amp; 3", "1 < 2 && 3"), ("a < b", "a < b"), ("<>", ""), ("*", "*"), ("", ""),
        ])
    func markup(slack: String, ours: String) { #expect(SlackPayload.markdown(slack) == ours) }

    @Test("an address that is no link of the web is left out")
    func links() {
        let post = SlackPayload.post(["attachments": [["title": "t", "title_link": "javascript:alert(1)"]]])
        #expect(post?.embeds.first?.url == nil && post?.embeds.first?.title == "t")
    }

    @Test("a rich text of Slack's is read with its lists, links and styles")
    func richText() {
        let words: JSON = [
            "type": "rich_text_section",
            "elements": [
                ["type": "text", "text": "Deploy "], ["type": "text", "text": "done", "style": ["bold": true]],
                ["type": "text", "text": " at "], ["type": "link", "url": "https://a.b", "text": "a.b"],
                ["type": "text", "text": " "], ["type": "emoji", "name": "tada"],
            ],
        ]
        let list: JSON = [
            "type": "rich_text_list", "style": "bullet",
            "elements": [["type": "rich_text_section", "elements": [["type": "text", "text": "one"]]]],
        ]
        let post = SlackPayload.post(["blocks": [["type": "rich_text", "elements": [words, list]]]])
        #expect(post?.content == "Deploy **done** at [a.b](https://a.b) :tada:\n- one")
        let image: JSON = ["type": "image", "image_url": "https://a.b/c.png", "alt_text": "a chart"]
        #expect(SlackPayload.post(["blocks": [image]])?.content == "a chart\nhttps://a.b/c.png")
    }

    @Test("a field of Slack's may be a number, and lack a title; the fallback stands only for what can't be shown")
    func fields() {
        let fields: JSON = [["title": "n", "value": 5], ["value": true], ["title": "only", "value": ""], [:]]
        let post = SlackPayload.post(["attachments": [["fallback": "plain", "fields": fields]]])
        #expect(post?.embeds.first?.fields.map(\.name) == ["n", "–", "only"])
        #expect(post?.embeds.first?.fields.map(\.value) == ["5", "true", "–"])
        #expect(post?.embeds.first?.description == nil)
        #expect(SlackPayload.post(["attachments": [["fallback": "plain"]]])?.embeds.first?.description == "plain")
    }

    @Test("whatever is sent fits into a message", arguments: [UInt64(1), 2, 3])
    func random(seed: UInt64) throws {
        var hostile = HostileText(seed: seed)
        let keys = [
            "text", "attachments", "blocks", "fields", "title", "value", "short", "elements", "type", "color", "ts",
            "username", "icon_url",
            "commits", "id", "message", "url", "author", "name", "repository", "full_name", "sender", "login", "action",
            "issue", "number",
            "comment", "body", "pull_request", "ref", "footer", "pretext", "author_name", "merged",
        ]
        func value(_ depth: Int) -> JSON {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &hostile) {
            case 0: .integer(Int64.random(in: .min ... .max, using: &hostile))
            case 1: .number([1e300, -0.5, 1.5e18, -1e300].randomElement(using: &hostile) ?? 0)
            case 2: .bool(true)
            case 3, 4: .string(hostile.text())
            case 5: .array((0..<Int.random(in: 0...12, using: &hostile)).map { _ in value(depth + 1) })
            default: object(depth + 1)
            }
        }
        func object(_ depth: Int) -> JSON {
            var members: [String: JSON] = [:]
            for _ in 0..<Int.random(in: 0...8, using: &hostile) {
                members[keys.randomElement(using: &hostile) ?? ""] = value(depth)
            }
            return .object(members)
        }
        for _ in 0..<400 {
            let payload = object(0)
            for event in [
                "slack", "push", "issues", "pull_request", "issue_comment", "commit_comment", "release", "create",
                "ping",
            ] {
                guard let post = event == "slack" ? SlackPayload.post(payload) : GitHubPayload.post(event, payload)
                else { continue }
                _ = try WebhookPost.content(post.content, hasMore: !post.embeds.isEmpty)
                try Embed.check(post.embeds)
                #expect(post.embeds.count <= Embed.maximumCount, "seed \(seed)")
                // What was made of it would have been taken from a client, too.
                for embed in post.embeds {
                    _ = try JSONReader.object(Embed.input).value(
                        of: try #require(JSON(text: embed.text)), named: "embed")
                }
            }
        }
    }
}

extension Embed {
    fileprivate var text: String { String(decoding: jsonBytes, as: UTF8.self) }
}

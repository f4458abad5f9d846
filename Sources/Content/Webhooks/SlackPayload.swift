import Features
import Kernel

/// What programs send that were written for Slack's incoming webhooks: `text`, `attachments` and the texts of `blocks`.
enum SlackPayload {
    /// Of each text so many Unicode scalars are read: more than is shown of any.
    private static let longest = 8000

    /// Nil when there is nothing to show.
    static func post(_ payload: JSON) -> WebhookPost? {
        let attachments = (payload["attachments"]?.array ?? []).prefix(Embed.maximumCount)
        let embeds = ForeignText.bounded(attachments.compactMap(embed))
        let blocks = texts(ofBlocks: payload["blocks"]?.array ?? [])
        // Slack shows the blocks in place of the text, which then is for notifications alone.
        let text = blocks.isEmpty ? payload["text"]?.string.map(markdown) : blocks.joined(separator: "\n")
        let pretexts = attachments.compactMap { $0["pretext"]?.string.map(markdown) }
        let content = ForeignText.fitted(
            ((text.map { [$0] } ?? []) + pretexts).joined(separator: "\n"), WebhookPost.maximumLength)
        guard content != nil || !embeds.isEmpty else { return nil }
        return WebhookPost(
            content: content,
            username: payload["username"].flatMap { try? NameRules.name(1...80).value(of: $0, named: "username") },
            avatarURL: ForeignText.link(payload["icon_url"]), embeds: embeds)
    }

    private static func embed(_ attachment: JSON) -> Embed? {
        let fields = (attachment["fields"]?.array ?? []).prefix(25).compactMap(field)
        let author = ForeignText.fitted(attachment["author_name"]?.string, 256).map {
            Embed.Author(
                name: $0, url: ForeignText.link(attachment["author_link"]),
                iconURL: ForeignText.link(attachment["author_icon"]))
        }
        let footer = ForeignText.fitted(attachment["footer"]?.string, 2048).map {
            Embed.Footer(text: $0, iconURL: ForeignText.link(attachment["footer_icon"]))
        }
        let blocks = texts(ofBlocks: attachment["blocks"]?.array ?? []).joined(separator: "\n")
        let text = attachment["text"]?.string.map(markdown) ?? (blocks.isEmpty ? nil : blocks)
        // What is shown by programs that can't show the rest.
        let isEmpty = text == nil && fields.isEmpty && attachment["title"] == nil && attachment["pretext"] == nil
        return ForeignText.embed(
            title: attachment["title"]?.string, description: text ?? (isEmpty ? attachment["fallback"]?.string : nil),
            url: ForeignText.link(attachment["title_link"]), color: color(attachment["color"]?.string),
            timestamp: moment(attachment["ts"]), author: author, footer: footer,
            image: ForeignText.link(attachment["image_url"]),
            thumbnail: ForeignText.link(attachment["thumb_url"]), fields: Array(fields))
    }

    /// One without a name or a value has a dash there, as a card must have both.
    private static func field(_ field: JSON) -> Embed.Field? {
        let name = ForeignText.fitted(text(field["title"]), 256)
        let value = ForeignText.fitted(text(field["value"]).map(markdown), 1024)
        guard name != nil || value != nil else { return nil }
        return Embed.Field(name: name ?? blank, value: value ?? blank, isInline: field["short"]?.bool ?? false)
    }

    private static let blank = "–"

    /// What many programs give as a number or a truth, as Slack takes it.
    private static func text(_ json: JSON?) -> String? {
        switch json {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let value): String(value)
        default: nil
        }
    }

    private static func color(_ text: String?) -> String? {
        guard let text else { return nil }
        let named = ["good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"]
        return named[text] ?? EmbedColor.number(text.hasPrefix("#") ? text : "#" + text).map(EmbedColor.text)
    }

    /// Unix seconds, as a number of either kind or as a text.
    private static func moment(_ json: JSON?) -> Timestamp? {
        let seconds: Int64? =
            switch json {
            case .integer(let seconds): seconds
            case .number(let seconds): Int64(exactly: seconds.rounded(.down))
            case .string(let text): Double(text).flatMap { Int64(exactly: $0.rounded(.down)) }
            default: nil
            }
        return seconds.flatMap { (0...253_402_300_799).contains($0) ? Timestamp(seconds: $0) : nil }
    }

    /// Headers, sections, contexts, rich texts, and the words of pictures; what one presses has no place here.
    private static func texts(ofBlocks blocks: [JSON]) -> [String] {
        blocks.prefix(50).compactMap { block -> String? in
            let text =
                switch block["type"]?.string {
                case "rich_text": richText(block, depth: 0)
                case "image": text(ofImage: block)
                case "markdown": block["text"]?.string
                default: text(ofParts: block)
                }
            guard let text, NameRules.isVisible(text) else { return nil }
            return block["type"]?.string == "header" ? "**\(text)**" : text
        }
    }

    private static func text(ofParts block: JSON) -> String? {
        let parts =
            [block["text"]].compactMap { $0 } + (block["fields"]?.array ?? []) + (block["elements"]?.array ?? [])
        let texts = parts.prefix(20).compactMap { part -> String? in
            guard let text = part["text"]?.string else { return nil }
            return part["type"]?.string == "plain_text" ? unescaped(text) : markdown(text)
        }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    private static func text(ofImage block: JSON) -> String? {
        let words = block["title"]?["text"]?.string ?? block["alt_text"]?.string
        guard let link = ForeignText.link(block["image_url"]) else { return words }
        return [words, link].compactMap { $0 }.joined(separator: "\n")
    }

    /// A rich text, whose parts stand in one another: sections, lists and quotations, and in these words, links and the like.
    private static func richText(_ part: JSON, depth: Int) -> String {
        guard depth < 5 else { return "" }
        let parts = (part["elements"]?.array ?? []).prefix(100).map { richText($0, depth: depth + 1) }
        switch part["type"]?.string {
        case "text": return styled(part["text"]?.string ?? "", part["style"])
        case "link":
            let link = ForeignText.link(part["url"])
            return [part["text"]?.string.map { link == nil ? $0 : "[\($0)](\(link ?? ""))" }, link].compactMap { $0 }
                .first ?? ""
        case "emoji": return ":\(part["name"]?.string ?? ""):"
        case "broadcast": return "@\(part["range"]?.string ?? "")"
        case "user": return "@\(part["user_id"]?.string ?? "")"
        case "channel": return "#\(part["channel_id"]?.string ?? "")"
        case "rich_text_list": return parts.map { "- \($0)" }.joined(separator: "\n")
        case "rich_text_quote":
            return parts.joined().split(whereSeparator: \.isNewline).map { "> \($0)" }.joined(separator: "\n")
        case "rich_text_preformatted": return "```\n\(parts.joined())\n```"
        case "rich_text": return parts.joined(separator: "\n")
        default: return parts.joined()
        }
    }

    private static func styled(_ text: String, _ style: JSON?) -> String {
        guard NameRules.isVisible(text) else { return text }
        if style?["code"]?.bool == true { return "`\(text)`" }
        var text = text
        for (name, sign) in [("bold", "**"), ("italic", "*"), ("strike", "~~")] where style?[name]?.bool == true {
            text = "\(sign)\(text)\(sign)"
        }
        return text
    }

    // MARK: Slack's markup

    /// `*bold*`, `~struck~`, `<address|words>`, `<!here>`, `&lt;` in our Markdown. Code stays as it is.
    static func markdown(_ text: String) -> String {
        var isCode = true
        return text.beginning(.scalars(longest)).split(separator: "`", omittingEmptySubsequences: false).map { part in
            isCode.toggle()
            return isCode ? unescaped(String(part)) : unescaped(doubled(links(String(part))))
        }.joined(separator: "`")
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    private static func links(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: ">") else { break }
            let halves = rest[rest.index(after: open)..<close].split(separator: "|", maxSplits: 1)
            rest = rest[rest.index(after: close)...]
            guard let target = halves.first.map(String.init) else { continue }
            let words = halves.count == 2 ? String(halves[1]) : nil
            switch target.first {
            case "!":
                result += ["!here", "!channel", "!everyone"].contains(target) ? "@" + target.dropFirst() : words ?? ""
            // People of Slack have no id here, those of this server have.
            case "@": result += Int64(target.dropFirst()) == nil ? words ?? target : "<\(target)>"
            case "#": result += "#" + (words ?? String(target.dropFirst()))
            default: result += words.map { "[\($0)](\(target))" } ?? target
            }
        }
        return result + rest
    }

    /// Single signs around words become double ones: `*a*` is `**a**`.
    private static func doubled(_ text: String) -> String {
        let characters = Array(text)
        var twice: Set<Int> = []
        for sign: Character in ["*", "~"] {
            var open: Int?
            for (index, character) in characters.enumerated() {
                if character == "\n" { open = nil }
                guard character == sign else { continue }
                let before = index > 0 ? characters[index - 1] : " "
                let after = index + 1 < characters.count ? characters[index + 1] : " "
                guard before != sign, after != sign else { continue }
                if let start = open, !before.isWhitespace, !after.isLetter, !after.isNumber {
                    twice.formUnion([start, index])
                    open = nil
                } else if !after.isWhitespace, !before.isLetter, !before.isNumber {
                    open = index
                }
            }
        }
        return characters.enumerated().map {
            twice.contains($0.offset) ? "\($0.element)\($0.element)" : "\($0.element)"
        }.joined()
    }
}

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
        let fields = (attachment["fields"]?.array ?? []).prefix(25).compactMap { field -> Embed.Field? in
            guard let name = ForeignText.fitted(field["title"]?.string, 256),
                let value = ForeignText.fitted(field["value"]?.string.map(markdown), 1024)
            else { return nil }
            return Embed.Field(name: name, value: value, isInline: field["short"]?.bool ?? false)
        }
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
        return ForeignText.embed(
            title: attachment["title"]?.string, description: text ?? attachment["fallback"]?.string,
            url: ForeignText.link(attachment["title_link"]), color: color(attachment["color"]?.string),
            timestamp: moment(attachment["ts"]), author: author, footer: footer,
            image: ForeignText.link(attachment["image_url"]),
            thumbnail: ForeignText.link(attachment["thumb_url"]), fields: Array(fields))
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

    /// Headers, sections and contexts; what one presses has no place here.
    private static func texts(ofBlocks blocks: [JSON]) -> [String] {
        blocks.prefix(50).compactMap { block -> String? in
            let parts =
                [block["text"]].compactMap { $0 } + (block["fields"]?.array ?? []) + (block["elements"]?.array ?? [])
            let texts = parts.prefix(20).compactMap { part -> String? in
                guard let text = part["text"]?.string else { return nil }
                return part["type"]?.string == "plain_text" ? unescaped(text) : markdown(text)
            }
            guard !texts.isEmpty else { return nil }
            let text = texts.joined(separator: "\n")
            return block["type"]?.string == "header" ? "**\(text)**" : text
        }
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

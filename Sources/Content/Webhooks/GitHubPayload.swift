import Kernel

/// What GitHub tells of a repository, as an embed for each event that people want to read of.
enum GitHubPayload {
    /// - Parameter event: the request's `X-GitHub-Event`.
    /// - Returns: nil for what nobody needs to read.
    static func post(_ event: String, _ payload: JSON) -> WebhookPost? {
        guard let (title, description, link) = story(event, payload) else { return nil }
        let sender = ForeignText.fitted(payload["sender"]?["login"]?.string, 80)
        let author = sender.map {
            Embed.Author(
                name: $0, url: ForeignText.link(payload["sender"]?["html_url"]),
                iconURL: ForeignText.link(payload["sender"]?["avatar_url"]))
        }
        guard
            let embed = ForeignText.embed(
                title: title, description: description,
                url: ForeignText.link(link) ?? ForeignText.link(payload["repository"]?["html_url"]),
                author: author)
        else { return nil }
        return WebhookPost(username: "GitHub", embeds: [embed])
    }

    private typealias Story = (title: String, description: String?, link: JSON?)

    private static func story(_ event: String, _ payload: JSON) -> Story? {
        let place =
            "[\(payload["repository"]?["full_name"]?.string ?? payload["organization"]?["login"]?.string ?? "GitHub")]"
        let action = payload["action"]?.string ?? ""
        switch event {
        case "push": return push(payload)
        case "ping": return ("\(place) Webhook is set up", payload["zen"]?.string, nil)
        case "create", "delete":
            let kind = payload["ref_type"]?.string ?? "branch"
            return ("\(place) \(kind.capitalizedFirst) \(event)d: \(payload["ref"]?.string ?? "")", nil, nil)
        case "fork":
            return (
                "\(place) Forked: \(payload["forkee"]?["full_name"]?.string ?? "")", nil, payload["forkee"]?["html_url"]
            )
        case "public": return ("\(place) Now open to everybody", nil, nil)
        case "watch": return action == "started" ? ("\(place) New star", nil, nil) : nil
        case "member":
            return (
                "\(place) Collaborator \(action): \(payload["member"]?["login"]?.string ?? "")", nil,
                payload["member"]?["html_url"]
            )
        case "release":
            guard action == "published", let release = payload["release"] else { return nil }
            let name = release["name"]?.string ?? release["tag_name"]?.string ?? ""
            return ("\(place) Release published: \(name)", release["body"]?.string, release["html_url"])
        case "check_run", "check_suite", "workflow_run":
            guard action == "completed", let check = payload[event] else { return nil }
            let name = check["name"]?.string ?? check["head_branch"]?.string ?? ""
            return ("\(place) \(name): \(check["conclusion"]?.string ?? "completed")", nil, check["html_url"])
        default: return remark(event, action, place, payload)
        }
    }

    /// What people write, and which actions with it are told.
    private static let remarks: [String: (what: String, subject: String, text: String, actions: Set<String>)] = [
        "issues": ("Issue", "issue", "issue", ["opened", "closed", "reopened"]),
        "pull_request": ("Pull request", "pull_request", "pull_request", ["opened", "closed", "reopened"]),
        "discussion": ("Discussion", "discussion", "discussion", ["created", "answered", "closed"]),
        "issue_comment": ("New comment on issue", "issue", "comment", ["created"]),
        "pull_request_review": ("Review of pull request", "pull_request", "review", ["submitted"]),
        "pull_request_review_comment": ("New comment on pull request", "pull_request", "comment", ["created"]),
        "discussion_comment": ("New comment on discussion", "discussion", "comment", ["created"]),
        "commit_comment": ("New comment on commit", "comment", "comment", ["created"]),
    ]

    private static func remark(_ event: String, _ action: String, _ place: String, _ payload: JSON) -> Story? {
        guard let remark = remarks[event], remark.actions.contains(action), let subject = payload[remark.subject],
            let text = payload[remark.text]
        else { return nil }
        let number = subject["number"]?.integer.map { " #\($0)" } ?? ""
        let name = subject["title"]?.string ?? subject["commit_id"]?.string?.beginning(.scalars(7)) ?? ""
        // What is done to the thing itself is said; of a comment it is clear.
        let isMerged = event == "pull_request" && action == "closed" && subject["merged"]?.bool == true
        let deed =
            remark.subject == remark.text && event != "commit_comment" ? " " + (isMerged ? "merged" : action) : ""
        let isNew = ["opened", "created", "submitted"].contains(action)
        return (
            "\(place) \(remark.what)\(deed)\(number.isEmpty && name.isEmpty ? "" : ":")\(number) \(name)",
            isNew ? text["body"]?.string : nil, text["html_url"]
        )
    }

    private static func push(_ payload: JSON) -> Story? {
        let commits = payload["commits"]?.array ?? []
        guard !commits.isEmpty else { return nil }
        let branch = (payload["ref"]?.string ?? "").replacing("refs/heads/", with: "").replacing("refs/tags/", with: "")
        let lines = commits.prefix(10).map { commit in
            let hash = (commit["id"]?.string ?? "").beginning(.scalars(7))
            let subject =
                (commit["message"]?.string ?? "").split(whereSeparator: \.isNewline).first.map {
                    $0.beginning(.scalars(100))
                } ?? ""
            let link = ForeignText.link(commit["url"]).map { "[`\(hash)`](\($0))" } ?? "`\(hash)`"
            return "\(link) \(subject) – \(commit["author"]?["name"]?.string?.beginning(.scalars(40)) ?? "")"
        }
        let more = commits.count > 10 ? ["… and \(commits.count - 10) more"] : []
        return (
            "[\(payload["repository"]?["name"]?.string ?? "GitHub"):\(branch)] \(commits.count) new commit\(commits.count == 1 ? "" : "s")",
            (lines + more).joined(separator: "\n"), payload["compare"]
        )
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

import Chat
import Foundation
import Gateway
import Kernel
import WebAPI

/// The pages of `docs/` that are made from the code.
public enum GeneratedPages {
    /// Writes all of them into a folder.
    public static func write(to folder: String) throws {
        for (name, text) in [
            ("configuration.md", SettingsPage.markdown), ("errors.md", ErrorsPage.markdown), ("api.md", apiPage),
            ("limits.md", LimitsPage.markdown), ("events.md", EventsPage.markdown),
        ] {
            try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        }
        try Data(APIDocumentation(routes: Instance.documentedRoutes, versions: versions).openAPI)
            .write(to: URL(fileURLWithPath: folder + "/openapi.json"))
        try Data(gateway.asyncAPI).write(to: URL(fileURLWithPath: folder + "/asyncapi.json"))
    }

    private static let versions = ClientVersionPolicy(
        server: LoadedSettings.programVersion, minimum: LoadedSettings.programVersion, updateURL: nil)

    /// The gateway's events and the frames beside them.
    public static let gateway = GatewayDocumentation(events: Instance.events, version: versions.server)

    private static var apiPage: String {
        APIPage.markdown(Instance.documentedRoutes)
    }
}

/// The error reference, as Markdown.
enum ErrorsPage {
    static var markdown: String {
        let kinds = Dictionary(grouping: ErrorKind.allCases, by: \.status)
        let sections = kinds.keys.sorted().map { status in
            let rows = (kinds[status] ?? []).map { kind in
                "| `\(kind.customCode ?? String(status))` | \(kind.message) | \(kind.explanation) |"
            }
            return "## \(status)\n\n| code | message | how it comes about, and what to do |\n|---|---|---|\n"
                + rows.joined(separator: "\n")
        }
        return """
            # Errors

            Made from the code by `make docs`; do not edit.

            Every failure has the same form, whatever went wrong and wherever:

            ```json
            {"error": {"code": 404, "message": "Resource not found"}}
            ```

            `code` is the HTTP status, but for the version errors, which have a word. `message` is exactly one of those below (426 names
            the client's version). Beside it may stand `details` (`[{"field", "message"}]`: each wrong field, unmet rule or missing
            permission), `retry_after` (seconds, fractional) and, for version errors, `client_version`, `min_version`, `server_version` and
            `update_url`. Every response has an `X-Request-Id`; the server's log has the details of a 500 or 503 under it.

            A client retries 429 after `retry_after`, and 5xx and broken connections with exponential backoff and jitter. A 4xx, 429 or 5xx means
            that nothing was done, so a retry is safe; a message that is sent again with the same `nonce` is never doubled, even when the
            answer to the first was lost.

            \(sections.joined(separator: "\n\n"))

            """
    }
}

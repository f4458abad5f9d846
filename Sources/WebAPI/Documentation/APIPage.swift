import HTTPTypes
import Kernel

/// The list of routes, as Markdown. The shapes stand in the OpenAPI document.
public enum APIPage {
    public static func markdown(_ routes: [Route]) -> String {
        let rows = routes.filter(\.isDocumented).map { route in
            let description = route.description
            let errors = description.errors.map(\.message).joined(separator: ", ")
            let statuses = description.statuses.map { String($0.code) }.joined(separator: ", ")
            let login =
                switch route.access {
                case .everyone: ""
                case .loggedIn: "yes"
                case .administrator: "admin"
                }
            return
                "| `\(route.method.rawValue) \(route.fullPath)` | \(description.summary) | \(login) | \(statuses) | \(errors) |"
        }
        return """
            # REST API

            Made from the code by `make docs`; do not edit. Requests and responses with all their fields stand in
            [openapi.json](openapi.json); a running server shows them at `/docs`.

            Ids are decimal strings, moments whole Unix seconds; lengths of texts count Unicode scalars. A user name has the ASCII
            letters, digits, `_`, `.` and `-`; a display name any script. Duplicate keys, broken UTF-8, integers beyond 64 bits and nesting beyond
            64 levels are refused (400 `Invalid input`).

            | route | what it does | login | success | errors |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }
}

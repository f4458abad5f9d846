import Features

/// The configuration reference, as Markdown.
public enum SettingsPage {
    public static var markdown: String {
        let providers = Setting.ProviderField.allCases.map { Setting.provider("NAME", $0) }
        let rows = (Setting.all + providers).map { setting in
            let fallback = setting.fallback.isEmpty ? "" : "`\(setting.fallback)`"
            return
                "| `\(setting.key)` | `\(setting.environmentName)` | \(describe(setting.kind)) | \(fallback) | \(setting.explanation) |"
        }
        return """
            # Configuration

            Made from the code by `make docs`; do not edit.

            A setting comes from a flag, else from the environment, else from the YAML file that `--config` names, else it has
            its default. `aviary config` prints the effective values and where each came from. An unknown key or a wrong
            value stops the server at its start and is named.

            Flags: `--host`, `--port`, `--data`, `--database`, `--bus`, and `--set KEY=VALUE` for every other key.

            In the file, dots are levels:

            ```yaml
            http:
              host: 0.0.0.0
            rate_limiting:
              enabled: true
            ```

            | key | environment | value | default | what it does |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }

    private static func describe(_ kind: Setting.Kind) -> String {
        switch kind {
        case .text: "text"
        case .integer(let range): "\(range.lowerBound)–\(range.upperBound)"
        case .boolean: "`true`, `false`"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .url: "`https://HOST`"
        case .rates: "rates"
        case .names: "names"
        }
    }
}

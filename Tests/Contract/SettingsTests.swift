import Aviary
import Features
import Foundation
import Kernel
import Testing

@Suite("Settings")
struct SettingsTests {
    /// Loads settings with a file of this content.
    static func load(
        file: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:]
    ) async throws -> LoadedSettings {
        guard let file else { return try await .load(file: nil, environment: environment, flags: flags) }
        let path = FileManager.default.temporaryDirectory.appending(path: "aviary-settings-\(UUID().uuidString).yaml")
        try Data(file.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try await .load(file: path.path, environment: environment, flags: flags)
    }

    static func value(_ key: String, in settings: LoadedSettings) throws -> LoadedSettings.Value {
        try #require(settings.all.first { $0.setting.key == key })
    }

    /// The text of the error that loading ends with.
    static func failure(_ body: () async throws -> LoadedSettings) async -> String {
        do {
            _ = try await body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("without anything every setting has its default")
    func defaults() async throws {
        let settings = try await Self.load()
        #expect(settings.all.map(\.setting.key) == Setting.all.map(\.key))
        for value in settings.all {
            #expect(value.value == value.setting.fallback)
            #expect(value.source == "default")
        }
    }

    @Test("a flag counts more than the environment, that more than the file")
    func precedence() async throws {
        let file = "http:\n  port: 1001\n  host: file\n  idle_timeout_seconds: 11\n"
        let environment = ["AVIARY_HTTP_PORT": "1002", "AVIARY_HTTP_HOST": "environment"]
        let settings = try await Self.load(file: file, environment: environment, flags: ["http.port": "1003"])
        #expect(try Self.value("http.port", in: settings).value == "1003")
        #expect(try Self.value("http.port", in: settings).source == "flag")
        #expect(try Self.value("http.host", in: settings).value == "environment")
        #expect(try Self.value("http.host", in: settings).source == "environment")
        #expect(try Self.value("http.idle_timeout_seconds", in: settings).value == "11")
        #expect(try Self.value("http.idle_timeout_seconds", in: settings).source.hasSuffix(".yaml"))
        #expect(try Self.value("http.request_timeout_seconds", in: settings).source == "default")
    }

    @Test("the file takes texts, numbers and truth as YAML writes them")
    func yaml() async throws {
        let file = """
            # A comment.
            http: {port: 9000, host: "0.0.0.0"}
            rate_limiting:
              enabled: false
            modules:
              typing: false
            database:
              url: 'sqlite:/tmp/a b.db'
            """
        let settings = try await Self.load(file: file)
        #expect(try Self.value("http.port", in: settings).value == "9000")
        #expect(try Self.value("rate_limiting.enabled", in: settings).value == "false")
        #expect(try Self.value("modules.typing", in: settings).value == "false")
        #expect(try Self.value("database.url", in: settings).value == "sqlite:/tmp/a b.db")
    }

    @Test("a file of nothing sets nothing", arguments: ["", "\n\n", "# only a comment\n", "---\n"])
    func emptyFile(content: String) async throws {
        let settings = try await Self.load(file: content)
        #expect(settings.all.allSatisfy { $0.source == "default" })
    }

    @Test(
        "a key that there is not is named, wherever it stands",
        arguments: [
            ("http:\n  prot: 1\n", "http.prot"), ("htpp:\n  port: 1\n", "htpp.port"), ("nothing: 1\n", "nothing"),
            ("http: 5\n", "http"), ("http:\n  port:\n    deep: 1\n", "http.port.deep"),
            ("http.port: 1\nfoo: 2\n", "foo"),
        ])
    func unknownInFile(content: String, key: String) async throws {
        let failure = await Self.failure { try await Self.load(file: content) }
        #expect(failure.contains(key), "\(failure)")
    }

    @Test("an unknown variable is named; those of other programs are none of ours")
    func unknownInEnvironment() async throws {
        let failure = await Self.failure { try await Self.load(environment: ["AVIARY_HTTP_PROT": "1"]) }
        #expect(failure.contains("AVIARY_HTTP_PROT"), "\(failure)")
        _ = try await Self.load(environment: ["PATH": "/bin", "HTTP_PORT": "x", "AVIARYX": "1"])
        // Whoever works on Aviary has these set while a server is started.
        _ = try await Self.load(environment: ["AVIARY_STRICT": "1", "AVIARY_TEST_POSTGRESQL": "x"])
    }

    @Test("an unknown flag is named", arguments: ["http.prot", "nothing", "http", "http.port.deep", "HTTP.PORT"])
    func unknownFlag(key: String) async throws {
        let failure = await Self.failure { try await Self.load(flags: [key: "1"]) }
        #expect(failure.contains("“\(key)”"), "\(failure)")
    }

    static let wrong: [(String, String)] = [
        ("http.port", "x"), ("http.port", ""), ("http.port", "-1"), ("http.port", "65536"), ("http.port", "80.5"),
        ("http.port", " 80"), ("http.port", "99999999999999999999"), ("rate_limiting.enabled", "yes"),
        ("rate_limiting.enabled", "TRUE"), ("rate_limiting.enabled", ""), ("registration.mode", "maybe"),
        ("log.level", "loud"), ("http.request_timeout_seconds", "0"), ("limits.message_length", "0"),
        ("passwords.argon2_memory_kib", "7"), ("ids.worker", "1024"), ("modules.typing", "1"),
    ]

    @Test("a wrong value is named with its key and its source", arguments: wrong)
    func wrongValues(key: String, value: String) async throws {
        let setting = try #require(Setting.all.first { $0.key == key })
        let flags = await Self.failure { try await Self.load(flags: [key: value]) }
        #expect(flags.contains(key) && flags.contains("flag"), "\(flags)")
        let environment = await Self.failure { try await Self.load(environment: [setting.environmentName: value]) }
        #expect(environment.contains(key) && environment.contains("environment"), "\(environment)")
        let levels = key.split(separator: ".")
        let yaml = "\(levels[0]):\n  \(levels[1]): '\(value)'\n"
        let file = await Self.failure { try await Self.load(file: yaml) }
        #expect(file.contains(key) && file.contains(".yaml"), "\(file)")
    }

    @Test(
        "a file that is no mapping of single values is refused",
        arguments: [
            "[1, 2]", "text", "http:\n  port: [1, 2]\n", "http:\n\tport: 1\n", "http: {port: 1", "a: &a\n  b: *a\n",
        ])
    func brokenFiles(content: String) async throws {
        #expect(await Self.failure { try await Self.load(file: content) } != "no error")
    }

    @Test("a file that is not there is named")
    func missingFile() async throws {
        let failure = await Self.failure {
            try await .load(file: "/nowhere/aviary.yaml", environment: [:], flags: [:])
        }
        #expect(failure.contains("/nowhere/aviary.yaml"))
    }

    @Test("a wrong version or too little memory for the lanes stops the start")
    func combinations() async throws {
        for flags in [
            ["versions.minimum_client": "1.0"],
            ["passwords.argon2_memory_kib": "8", "passwords.argon2_lanes": "2"],
        ] {
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let settings = try await Self.load(flags: flags.merging(["data": folder]) { $1 })
            await #expect(throws: SettingsError.self) {
                try await AviaryServer(settings, logger: TestServer.silent)
            }
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("secrets are in neither report nor error")
    func secrets() async throws {
        let url = "postgres://aviary:hunter2@db/aviary"
        let settings = try await Self.load(environment: ["AVIARY_DATABASE_URL": url])
        #expect(!settings.report.contains("hunter2"))
        #expect(settings.report.contains("(hidden)"))
        let unset = try await Self.load()
        #expect(!unset.report.contains("(hidden)"))
    }

    @Test("the report has every setting with its value and source")
    func report() async throws {
        let settings = try await Self.load(flags: ["http.port": "1003"])
        let lines = settings.report.split(separator: "\n")
        #expect(lines.count == Setting.all.count)
        for (line, setting) in zip(lines, Setting.all) { #expect(line.hasPrefix(setting.key)) }
        let port = lines.first { $0.hasPrefix("http.port ") }
        #expect(port?.split(separator: " ").map(String.init) == ["http.port", "1003", "flag"])
    }

    @Test("every setting is documented with its variable and its default, once")
    func documented() throws {
        let page = SettingsPage.markdown
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.environmentName)).count == Setting.all.count)
        for setting in Setting.all {
            let row = "| `\(setting.key)` | `\(setting.environmentName)` |"
            #expect(page.components(after: row).count == 1, "\(setting.key)")
            #expect(!setting.explanation.isEmpty)
        }
    }

    @Test("every default is a value that the setting takes")
    func defaultsAreValid() async throws {
        let flags = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.key, $0.fallback) })
        #expect(try await Self.load(flags: flags).all.allSatisfy { $0.source == "flag" })
    }

    @Test("a provider that is named has settings of its own, from wherever the others come")
    func providers() async throws {
        let file =
            "oauth:\n  providers: nest, tree_1\n  nest:\n    issuer: https://id.example.org\n    client_id: file\n"
        let environment = [
            "AVIARY_OAUTH_NEST_CLIENT_ID": "environment", "AVIARY_OAUTH_TREE_1_ISSUER": "https://t.example.org",
        ]
        let flags = ["oauth.nest.client_secret": "the secret of the nest"]
        let settings = try await Self.load(file: file, environment: environment, flags: flags)
        #expect(try Self.value("oauth.nest.issuer", in: settings).value == "https://id.example.org")
        #expect(try Self.value("oauth.nest.client_id", in: settings).value == "environment")
        #expect(try Self.value("oauth.tree_1.issuer", in: settings).value == "https://t.example.org")
        #expect(!settings.report.contains("the secret of the nest"))
        #expect(settings.report.contains("oauth.nest.client_secret"))
    }

    @Test("settings of a provider that is not named are unknown")
    func unknownProvider() async {
        let key = "oauth.other.issuer"
        let file = await Self.failure { try await Self.load(file: "oauth:\n  other:\n    issuer: https://x\n") }
        #expect(file.contains(key))
        let flag = await Self.failure { try await Self.load(flags: [key: "https://x"]) }
        #expect(flag.contains(key))
        let variable = await Self.failure {
            try await Self.load(environment: ["AVIARY_OAUTH_OTHER_ISSUER": "https://x"])
        }
        #expect(variable.contains("AVIARY_OAUTH_OTHER_ISSUER"))
        let name = await Self.failure { try await Self.load(flags: ["oauth.providers": "Nest"]) }
        #expect(name.contains("oauth.providers"))
    }

    @Test("what only looks at an instance refuses a path at which there is none, and makes nothing there")
    func nowhere() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-\(UUID().uuidString)").path
        let settings = try await Self.load(flags: ["data": folder])
        let error = #expect(throws: SettingsError.self) { try settings.requireInstance() }
        #expect(error?.description.contains(folder) == true)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("what does not go together stops the start and says what is missing")
    func incomplete() async throws {
        let cases: [([String: String], String)] = [
            (["oauth.providers": "nest", "oauth.nest.issuer": "https://x"], "oauth.nest.client_id"),
            (["oauth.providers": "nest", "oauth.nest.client_id": "x"], "oauth.nest.issuer"),
            (["mail.smtp_url": "smtps://x"], "mail.from"),
            (["mail.smtp_url": "smtps://x", "mail.from": "a@example.org"], "http.public_url"),
            (["registration.require_verified_email": "true"], "mail.smtp_url"),
            (["tls.certificate": "/nowhere.pem"], "tls.key"),
            (["tls.certificate": "/nowhere.pem", "tls.key": "/nowhere.key"], "/nowhere"),
            (["http.trusted_proxies": "proxy"], "http.trusted_proxies"),
            (["push.apns_key": "/nowhere.p8"], "push.apns_key_id"),
            (["push.fcm_key": "/nowhere.json"], "/nowhere.json"),
            (["push.fcm_key": "/etc/hostname"], "is no service account's key"),
        ]
        for (flags, missing) in cases {
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-\(UUID().uuidString)").path
            let settings = try await Self.load(flags: flags.merging(["data": folder]) { $1 })
            let error = await #expect(throws: SettingsError.self, "\(flags)") {
                _ = try await AviaryServer(settings, logger: TestServer.silent)
            }
            #expect(error?.description.contains(missing) == true, "\(flags)")
        }
    }
}

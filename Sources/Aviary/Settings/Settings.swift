import Chat
import Features
import Kernel

extension Setting {
    static let host = Setting(
        "http.host", .text, default: "127.0.0.1", "Address to listen on; `0.0.0.0` for every one.")
    static let port = Setting(
        "http.port", .integer(0...65_535), default: "8080", "Port to listen on; 0 takes any free one.")
    static let publicURL = Setting(
        "http.public_url", .url, default: "",
        "Where people reach the server, such as `https://chat.example.org`: for the links in e-mails, passkeys and single sign-on. Empty: where the request went."
    )
    static let trustedProxies = Setting(
        "http.trusted_proxies", .text, default: "",
        "Addresses or CIDR ranges of reverse proxies, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."
    )
    static let certificate = Setting(
        "tls.certificate", .text, default: "",
        "PEM file with the certificate and those that lead to its root. With `tls.key` the server speaks TLS; SIGHUP makes it read both again."
    )
    static let certificateKey = Setting("tls.key", .text, default: "", "PEM file with the certificate's private key.")
    static let requestTimeout = Setting(
        "http.request_timeout_seconds", .integer(1...3600), default: "30",
        "Time for a request's head to arrive, and for its body before the least rate of 1 KiB/s counts.")
    static let idleTimeout = Setting(
        "http.idle_timeout_seconds", .integer(1...3600), default: "75",
        "After this long without a request a connection is closed.")
    static let connectionsPerAddress = Setting(
        "http.connections_per_address", .integer(1...1_000_000), default: "512",
        "Connections that an address (of IPv6, a network of 64 bits) may have open, those of the gateway included, but no more than half of all; more are closed at once. Reverse proxies in `http.trusted_proxies` may have all."
    )
    static let connections = Setting(
        "http.connections", .integer(0...10_000_000), default: "0",
        "Connections that may be open in all. 0: three quarters of the files that the system lets the process open, so that the database and files have the rest; never more than that."
    )
    static let corsOrigins = Setting(
        "http.cors_origins", .text, default: "",
        "Origins of web pages that may use the API and the gateway, separated by commas; `*` for every one. Empty: only pages of the server itself."
    )
    static let gatewayURL = Setting(
        "gateway.public_url", .text, default: "",
        "Address of the gateway as clients see it, such as `wss://chat.example.org/gateway`. Empty: taken from the request."
    )
    static let gatewayConnections = Setting(
        "gateway.connections_per_user", .integer(1...100_000), default: "5", "Gateway connections that a user may have."
    )
    static let gatewayIdentifyInterval = Setting(
        "gateway.identify_interval_seconds", .integer(0...3600), default: "5",
        "Pause between two IDENTIFYs of a login, and between its RESUMEs once as many came as it may have connections.")
    static let gatewayServersPerShard = Setting(
        "gateway.servers_per_shard", .integer(1...1_000_000), default: "2500",
        "Servers that one gateway session may have. A bot in more of them divides them among sessions.")
    static let gatewayConcurrency = Setting(
        "gateway.max_concurrency", .integer(1...1000), default: "1",
        "Sessions of a bot that may IDENTIFY within the same pause: of shards that leave different rests when divided by it."
    )
    static let gatewayStarts = Setting(
        "gateway.session_starts_per_day", .integer(1...1_000_000), default: "1000",
        "IDENTIFYs that a bot has in a day.")
    static let gatewayReplay = Setting(
        "gateway.replay_events", .integer(100...10_000_000), default: "20000",
        "Events that RESUME makes up for, and KiB of them; who missed more identifies anew.")
    static let gatewayQueue = Setting(
        "gateway.queue_kib", .integer(64...65_536), default: "1024",
        "What may wait for a gateway client that does not read before it is closed, in KiB.")
    static let rateLimiting = Setting(
        "rate_limiting.enabled", .boolean, default: "true", "Whether rate limits are enforced.")
    static let data = Setting("data", .text, default: "./data", "Folder for everything that the server keeps.")
    static let database = Setting(
        "database.url", .text, default: "",
        "`sqlite:PATH` or `postgres://…`. Empty: the file `aviary.db` in the data folder.", isSecret: true)
    static let databaseConnections = Setting(
        "database.connections", .integer(2...512), default: "8",
        "Reading transactions at a time; with PostgreSQL the number of connections.")
    static let bus = Setting(
        "bus.url", .text, default: "",
        "By what the nodes of an instance on PostgreSQL tell each other: `nats://HOST:4222`, or `tls://…` with TLS, several servers of a cluster separated by commas, with `USER:PASSWORD@` or `TOKEN@` before the host; or `postgres`. Empty: PostgreSQL. See [cluster.md](cluster.md).",
        isSecret: true)
    static let busAuthorities = Setting(
        "bus.ca", .text, default: "",
        "PEM file with who may have signed the certificates of `tls://…`. Empty: those that the system trusts.")
    static let busCredentials = Setting(
        "bus.credentials", .text, default: "", "NATS' file of credentials (`.creds`), with a user's JWT and seed.")
    static let worker = Setting(
        "ids.worker", .integer(-1...1023), default: "-1",
        "Number of this process within the instance, for its ids, which no other one has. -1: one that is free.")
    static let smtpURL = Setting(
        "mail.smtp_url", .text, default: "",
        "Server for outgoing mail: `smtp://user:password@host:587` (with STARTTLS), `smtps://…`, or `smtp+plain://…` for a relay on the own machine. Empty: no mail is sent.",
        isSecret: true)
    static let mailFrom = Setting(
        "mail.from", .text, default: "", "Address that mail comes from, such as `chat@example.org`.")
    static let mediaStore = Setting(
        "media.store", .text, default: "",
        "Where files are kept: `s3://BUCKET` or `s3://BUCKET/FOLDER`. Empty: the folder `media` in the data folder.")
    static let s3Endpoint = Setting(
        "media.s3_endpoint", .url, default: "", "Address of the S3 service. Empty: Amazon's in the region.")
    static let s3Region = Setting("media.s3_region", .text, default: "us-east-1", "Region of the bucket.")
    static let sharedFolder = Setting(
        "media.shared_folder", .boolean, default: "false",
        "Whether several nodes have the folder of files in common, by a network's file system. Nodes that have not, and no S3 service, are not ready."
    )
    static let s3AccessKey = Setting("media.s3_access_key", .text, default: "", "Name of the key for the S3 service.")
    static let s3SecretKey = Setting(
        "media.s3_secret_key", .text, default: "", "The key for the S3 service.", isSecret: true)
    static let s3PathStyle = Setting(
        "media.s3_path_style", .boolean, default: "false",
        "Whether the bucket stands in the path rather than in the host's name, as most services beside Amazon's want it."
    )
    static let s3DirectDownloads = Setting(
        "media.s3_direct_downloads", .boolean, default: "false",
        "Whether clients fetch attachments from the S3 service by themselves, by addresses that hold for 15 minutes.")
    static let clamd = Setting(
        "media.clamd", .text, default: "",
        "A ClamAV daemon that every upload is shown to: `HOST:PORT` or `unix:/PATH`. Empty: files are not scanned.")
    static let toolsPath = Setting(
        "media.tools_path", .text, default: "",
        "Folders in which the programs for pictures and films are looked for, separated by colons. Empty: those of `PATH`."
    )
    static let webClient = Setting(
        "web.client", .boolean, default: "true", "Whether the web client is served at `/`; off, only the API is there.")
    static let webFolder = Setting(
        "web.folder", .text, default: "",
        "A folder whose files are served as the web client, read at the start. Empty: the client in the program.")
    static let minimumVersion = Setting(
        "versions.minimum_client", .text, default: "a.1.0-1", "Oldest client version that is served.")
    static let updateURL = Setting(
        "versions.update_url", .text, default: "", "Where people get a newer client; shown to outdated ones.")
    static let restarts = Setting(
        "process.restart", .boolean, default: "true",
        "Whether `aviary serve` starts the server again when it dies. A supervisor does that where there is one: as the first process of a container and under systemd (`INVOCATION_ID`) this is always off."
    )
    static let logLevel = Setting(
        "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
        "The least severity that is logged.")
    static let logFormat = Setting("log.format", .choice(["text", "json"]), default: "text", "How log lines look.")
    static let metricsEnabled = Setting(
        "metrics.enabled", .boolean, default: "true", "Whether `GET /metrics` is served, on an address of its own.")
    static let metricsHost = Setting("metrics.host", .text, default: "127.0.0.1", "Address of the metrics.")
    static let metricsPort = Setting(
        "metrics.port", .integer(0...65_535), default: "9464", "Port of the metrics; 0 takes any free one.")

    /// The settings of a provider.
    enum ProviderField: String, CaseIterable {
        case issuer
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case scopes
    }

    static func provider(_ name: String, _ field: ProviderField) -> Setting {
        let key = "oauth.\(name).\(field.rawValue)"
        switch field {
        case .issuer:
            return Setting(key, .text, default: "", "Address of the provider, exactly as it names itself.")
        case .clientID: return Setting(key, .text, default: "", "What the provider calls this server.")
        case .clientSecret:
            return Setting(
                key, .text, default: "", "The secret shared with the provider; empty for a public client.",
                isSecret: true)
        case .scopes:
            return Setting(key, .text, default: "openid profile email", "What the provider is asked for.")
        }
    }

    static func rateLimit(_ bucket: RateLimitBucket) -> Setting {
        Setting(
            "rate_limits.\(bucket.name.replacing(".", with: "_"))", .rates,
            default: bucket.defaults.map(\.description).joined(separator: ", "),
            "Limits of the bucket `\(bucket.name)`, all of which hold: `COUNT/TIME+BURST`, with times like `250ms`, `5s`, `min`, `h`, `day`."
        )
    }

    static func module(_ module: Module) -> Setting {
        Setting(
            "modules.\(module.rawValue)", .boolean, default: "true",
            "Whether \(module.rawValue) is switched on; off, its routes answer 503.")
    }

    /// Every setting there is, in the order of their keys.
    public static let all: [Setting] =
        (program + Instance.features.settings + Instance.features.rateLimitBuckets.map(rateLimit)
        + Module.allCases.map(module)).sorted { $0.key < $1.key }

    /// Those of the program itself, which are no feature's.
    private static let program: [Setting] = [
        host, port, publicURL, trustedProxies, certificate, certificateKey, requestTimeout, idleTimeout,
        connectionsPerAddress, connections, corsOrigins, data, database, databaseConnections, bus, busAuthorities,
        busCredentials, worker, smtpURL, mailFrom, gatewayURL, gatewayConnections, gatewayIdentifyInterval,
        gatewayServersPerShard, gatewayConcurrency, gatewayStarts, gatewayReplay, gatewayQueue, rateLimiting,
        mediaStore, s3Endpoint, s3Region, s3AccessKey, s3SecretKey, s3PathStyle, s3DirectDownloads, sharedFolder, clamd,
        toolsPath,
        webClient,
        webFolder, minimumVersion, updateURL, restarts, logLevel, logFormat, metricsEnabled, metricsHost, metricsPort,
    ]
}

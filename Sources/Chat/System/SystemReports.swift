import Community
import Content
import Features
import Files
import Kernel
import Media

/// `GET /health`.
struct Health: JSONObjectEncodable {
    let version: Version
    let lostLogLines: Int

    static let shape = JSONShape<Health>(
        "Health", .field("status") { _ in "healthy" }, .field("version", \.version.description),
        .field("log_lines_lost", \.lostLogLines))
}

/// `GET /ready`.
struct Readiness: JSONObjectEncodable {
    /// What is not as it should be, and keeps nobody from being served.
    let warnings: [String]

    static let shape = JSONShape<Readiness>(
        "Readiness", .field("status") { _ in "ready" }, .field("warnings", \.warnings))
}

/// `GET /version`.
struct VersionReport: JSONObjectEncodable {
    let policy: ClientVersionPolicy

    static let shape = JSONShape<VersionReport>(
        "VersionReport",
        .field("version", \.policy.server),
        .field("min_supported_version", \.policy.minimum),
        .field("api_version") { _ in "v1" })
}

/// `POST /version/negotiate`, for a client that is new enough.
struct Negotiation: JSONObjectEncodable {
    let client: Version
    let policy: ClientVersionPolicy

    private var isBehind: Bool { client < policy.server }

    static let shape = JSONShape<Negotiation>(
        "Negotiation",
        .field("compatible") { _ in true },
        .field("server_version", \.policy.server.description),
        .field("client_version", \.client.description),
        .field("min_supported_version", \.policy.minimum.description),
        .field("update_required") { _ in false },
        .field("update_recommended", \.isBehind),
        .field("message") { $0.isBehind ? "A newer version is available" : "Client is up to date" },
        .field("update_url", \.policy.updateURL))
}

/// `GET /status`.
struct StatusReport: JSONObjectEncodable {
    let phase: SystemState.Phase
    let version: Version
    let uptime_s: Int64
    let maintenance: MaintenanceNotice?

    static let shape = JSONShape<StatusReport>(
        "Status",
        .field("state", \.phase.rawValue),
        .field("version", \.version.description),
        .field("uptime_seconds", \.uptime_s),
        .field("maintenance_message", \.maintenance?.message),
        .field("estimated_downtime_seconds", \.maintenance?.estimatedDowntime_s),
        .field("restart_at", \.maintenance?.endsAt))
}

/// What a client has to know before it offers voice channels.
struct VoiceCapabilities: JSONObjectEncodable {
    let isEnabled: Bool
    let hasServer: Bool

    static let shape = JSONShape<VoiceCapabilities>(
        "VoiceCapabilities", .field("enabled", \.isEnabled), .field("mode") { $0.hasServer ? "sfu" : "mesh" },
        .field("max_mesh") { _ in Voice.maximumMesh }, .field("e2ee") { _ in true })
}

/// `GET /capabilities`: what a client should adapt to.
struct Capabilities: JSONObjectEncodable {
    let configuration: ChatConfiguration
    let hasPictureTools: Bool
    /// In which forms something said is taken, if the module is on.
    let speechTypes: [MediaType]

    private func has(_ module: Module) -> Bool { !configuration.disabledModules.contains(module) }

    /// Which devices can be told something.
    private var pushPlatforms: [String] {
        guard has(.push) else { return [] }
        return ["web"] + (configuration.tellsApple ? ["ios"] : []) + (configuration.tellsAndroid ? ["android"] : [])
    }

    static let shape = JSONShape<Capabilities>(
        "Capabilities",
        .field("api_version") { _ in "v1" },
        .field("registration") { $0.has(.registration) ? $0.configuration.registration.rawValue : "closed" },
        .field("require_verified_email", \.configuration.requiresVerifiedEmail),
        .field("age_gate_enabled", \.configuration.asksForAge),
        .field("age_verification_type", \.configuration.ageGate.rawValue),
        .field("minimum_age", \.configuration.askedAge),
        .field("max_message_length", \.configuration.messageLength),
        .field("max_servers", \.configuration.serversPerUser),
        .field("max_channels_per_server", \.configuration.channelsPerServer),
        .field("two_factor") { $0.has(.twoFactor) },
        .field("passkeys") { $0.has(.passkeys) },
        .field("oauth_providers") { $0.has(.oauth) ? $0.configuration.providers : [] },
        .field("password_reset") { $0.has(.passwordReset) && $0.configuration.sendsMail },
        .field("invites") { $0.has(.invites) },
        .field("typing") { $0.has(.typing) },
        .field("uploads") { $0.has(.uploads) },
        .field("max_file_size", \.configuration.fileSize_bytes),
        .field("max_attachments") { _ in Attachments.maximumPerMessage },
        .field("upload_chunk_size") { _ in Upload.chunk_bytes },
        .field("avatars") { $0.has(.avatars) && $0.hasPictureTools },
        .field("avatar_types") { _ in MediaType.pictures.map(\.name) },
        .field("avatar_sizes") { _ in PictureEdge.offered.map(\.rawValue) },
        .field("max_avatar_size") { _ in Avatars.maximum_bytes },
        .field("push") { $0.has(.push) },
        .field("push_platforms", \.pushPlatforms),
        .field("email_notifications") { $0.has(.emailNotifications) && $0.configuration.sendsMail },
        .field("feedback") { $0.has(.feedback) },
        .field("reminders") { $0.has(.reminders) },
        .field("forwarding") { $0.has(.forwarding) },
        .field("polls") { $0.has(.polls) },
        .field("stickers") { $0.has(.stickers) && $0.hasPictureTools },
        .field("voice_messages") { $0.has(.voiceMessages) && !$0.speechTypes.isEmpty },
        .field("voice_message_types") { $0.has(.voiceMessages) ? $0.speechTypes.map(\.name) : [] },
        .field("max_voice_message_seconds", \.configuration.voiceMessage_s),
        .field("scheduled_events") { $0.has(.scheduledEvents) },
        .field("keyword_alerts") { $0.has(.keywordAlerts) },
        .field("read_receipts") { $0.has(.readReceipts) },
        .field("profiles") { $0.has(.profiles) },
        .field("security_log") { $0.has(.securityLog) },
        .field("onboarding") { $0.has(.onboarding) },
        .field("discovery") { $0.has(.discovery) },
        .field("templates") { $0.has(.templates) },
        .field("widget") { $0.has(.widget) },
        .field("link_previews") { $0.has(.linkPreviews) },
        .field("search") { $0.has(.search) },
        .field("webhooks") { $0.has(.webhooks) },
        .field("voice") { VoiceCapabilities(isEnabled: $0.has(.voice), hasServer: $0.configuration.hasVoiceServer) },
        .field("soundboard") { $0.has(.soundboard) })
}

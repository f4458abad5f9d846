import Kernel

/// A sign of honour beside a name (contract: REST, Admin).
package enum Badge: String, CaseIterable, Sendable {
    case alphaTester = "alpha_tester"
    case earlySupporter = "early_supporter"
    case staff
    case verified
    case bugHunter = "bug_hunter"
    case contributor
    case moderator
    case partner

    var displayName: String {
        switch self {
        case .alphaTester: "Alpha tester"
        case .earlySupporter: "Early supporter"
        case .staff: "Staff"
        case .verified: "Verified"
        case .bugHunter: "Bug hunter"
        case .contributor: "Contributor"
        case .moderator: "Moderator"
        case .partner: "Partner"
        }
    }

    var description: String {
        switch self {
        case .alphaTester: "Was here before it was ready"
        case .earlySupporter: "Helped when few did"
        case .staff: "Works for this instance"
        case .verified: "Is who they say they are"
        case .bugHunter: "Found what was broken"
        case .contributor: "Made it better"
        case .moderator: "Keeps the peace"
        case .partner: "Runs a partnered community"
        }
    }

    /// An emoji, so that no file has to be loaded for it.
    var icon: String {
        switch self {
        case .alphaTester: "🧪"
        case .earlySupporter: "🌱"
        case .staff: "🛠️"
        case .verified: "✅"
        case .bugHunter: "🐛"
        case .contributor: "💎"
        case .moderator: "🛡️"
        case .partner: "🤝"
        }
    }

    /// `#rrggbb`.
    var color: String {
        switch self {
        case .alphaTester: "#8e44ad"
        case .earlySupporter: "#27ae60"
        case .staff: "#2c3e50"
        case .verified: "#2980b9"
        case .bugHunter: "#d35400"
        case .contributor: "#16a085"
        case .moderator: "#c0392b"
        case .partner: "#f39c12"
        }
    }
}

extension Badge: JSONObjectEncodable {
    package static let shape = JSONShape<Badge>(
        "Badge",
        .field("name", \.rawValue),
        .field("display_name", \.displayName),
        .field("description", \.description),
        .field("icon", \.icon),
        .field("color", \.color))
}

extension TierLimits: JSONObjectEncodable {
    /// Null: no limit.
    public static let shape = JSONShape<TierLimits>(
        "TierLimits",
        .field("max_file_size", \.file_bytes),
        .field("uploads_per_day", \.uploadsPerDay),
        .field("max_servers", \.servers),
        .field("max_message_length", \.messageLength),
        .field("max_reactions", \.reactionKinds),
        .field("max_pins", \.pins))
}

/// `GET /users/@me/features`.
package struct UserBenefits: JSONObjectEncodable {
    package let badges: [Badge]
    package let tier: Tier
    package let limits: TierLimits

    package init(badges: [Badge], tier: Tier, limits: TierLimits) {
        self.badges = badges
        self.tier = tier
        self.limits = limits
    }

    package static let shape = JSONShape<UserBenefits>(
        "UserBenefits",
        .field("badges", \.badges), .field("tier", \.tier.rawValue), .field("tier_limits", \.limits))
}

/// A tier with what it allows.
package struct TierDescription: JSONObjectEncodable {
    let tier: Tier

    package init(tier: Tier) { self.tier = tier }

    package static let shape = JSONShape<TierDescription>(
        "Tier",
        .field("name", \.tier.rawValue), .field("rate_multiplier", \.tier.rateMultiplier),
        .field("limits", \.tier.limits))
}

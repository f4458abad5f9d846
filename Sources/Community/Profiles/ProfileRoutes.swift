import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Profiles {
    static let changeInput = JSONInput(
        "ProfileChange",
        .change("bio", NameRules.text(0...1000)),
        .change("pronouns", NameRules.line(40)),
        .change("location", NameRules.line(100)),
        .change("timezone", ProfileRules.timezone),
        .change("accent_color", NameRules.color),
        .change("social_links", ProfileRules.links),
        .change("banner_url", .string(1...300)),
        .change("status", Presences.customStatus),
        .change("status_emoji", Presences.customEmoji),
        .optional("visibility", ProfileRules.circles, default: [:]),
        make: {
            (bio, pronouns, location, timezone, color, links, banner, status, emoji, circles) throws(APIError) in
            Change(
                bio: bio, pronouns: pronouns.orCleared, location: location.orCleared, timezone: timezone,
                accentColor: color, socialLinks: links, banner: banner, status: status.orCleared,
                statusEmoji: emoji.orCleared, circles: circles)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/{user_id}/profile", "Read what somebody says of themselves", takes: .nothing,
                returns: ShownProfile.self, errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(try await profile(of: try call.id("user_id"), for: caller)) },
            .authenticated(
                .get, "/features/users/{user_id}/profile", "The same, by another name", takes: .nothing,
                returns: WrappedProfile.self, errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(WrappedProfile(try await profile(of: try call.id("user_id"), for: caller))) },
            .authenticated(
                .patch, "/users/@me/profile", "Change what one says of oneself", takes: .body(Self.changeInput),
                returns: ShownProfile.self
            ) { caller, call in
                _ = try await change(call.body, by: caller, from: call.client)
                return .ok(try await profile(of: caller.user, for: caller))
            }
            .limited(by: .profileChange),
            .authenticated(
                .patch, "/features/users/@me/profile", "The same, by another name", takes: .body(Self.changeInput),
                returns: ChangedProfile.self
            ) { caller, call in
                _ = try await change(call.body, by: caller, from: call.client)
                return .ok(ChangedProfile(try await profile(of: caller.user, for: caller)))
            }
            .limited(by: .profileChange),
        ]
    }
}

extension Change<String> {
    /// An empty text is none.
    fileprivate var orCleared: Self { if case .set("") = self { .cleared } else { self } }
}

struct WrappedProfile: JSONObjectEncodable {
    let profile: ShownProfile

    init(_ profile: ShownProfile) { self.profile = profile }

    static let shape = JSONShape<WrappedProfile>("WrappedProfile", .field("profile", \.profile))
}

struct ChangedProfile: JSONObjectEncodable {
    let profile: ShownProfile

    init(_ profile: ShownProfile) { self.profile = profile }

    static let shape = JSONShape<ChangedProfile>(
        "ChangedProfile", .field("success") { _ in true }, .field("profile", \.profile))
}

/// Changing one's account, with what one says of oneself. Apart from the profiles, since it is there without their module.
struct AccountChanges: Feature {
    let profiles: Profiles

    private static let input = JSONInput("UserChange", Users.changeInput, Profiles.changeInput)

    var routes: [Route] {
        [
            .authenticated(
                .patch, "/users/@me", "Change one's account", takes: .body(Self.input), returns: SelfUser.self,
                errors: [.usernameTaken, .emailTaken, .weakPassword, .invalidCredentials, .accountLocked]
            ) { caller, call in
                .ok(try await profiles.change(call.body.1, and: call.body.0, by: caller, from: call.client))
            }
            .limited(by: .accountChange)
        ]
    }
}

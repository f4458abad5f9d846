import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension AdminUsers: Feature {
    private static let pageInput = JSONInput(
        "AdminUserPage",
        .optional("q", .string(1...100)), .optional("after", .id(UserID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (text, after, limit) throws(APIError) in Page(text: text, after: after, limit: limit) })

    private static let renameInput = JSONInput(
        "AdminRename", .optional("username", NameRules.username), make: { (name) throws(APIError) in name })

    private static let tierInput = JSONInput(
        "AdminTier", .required("tier", .oneOf(Tier.self)), make: { (tier) throws(APIError) in tier })

    private static let one: [ErrorKind] = [.invalidUserID, .userNotFound, .permissionDenied]

    private typealias Deed = @Sendable (UserID, Caller) async throws -> AdminUser

    private static func deed(_ name: String, _ summary: String, _ deed: @escaping Deed) -> Route {
        .administrative(
            .post, "/admin/users/{user_id}/\(name)", summary, takes: .nothing, returns: AdminUser.self,
            errors: one + [.invalidInput]
        ) { caller, call in .ok(try await deed(try call.id("user_id"), caller)) }
    }

    var routes: [Route] {
        [
            .administrative(
                .get, "/admin/users", "Find accounts by name, address or id", takes: .query(Self.pageInput),
                returns: [AdminUser].self
            ) { _, call in .ok(try await list(call.query)) },
            .administrative(
                .get, "/admin/users/{user_id}", "Read an account", takes: .nothing, returns: AdminUser.self,
                errors: Self.one
            ) { _, call in .ok(try await read(try call.id("user_id"))) },
            Self.deed("lock", "Keep an account from being used") { id, caller in try await lock(id, by: caller) },
            Self.deed("unlock", "Let an account be used again") { id, caller in try await unlock(id, by: caller) },
            Self.deed("logout", "Log an account out everywhere") { id, caller in try await logOut(id, by: caller) },
            Self.deed("restore", "Take a deletion back") { id, caller in try await restore(id, by: caller) },
            .administrative(
                .post, "/admin/users/{user_id}/force-rename", "Give an account another name",
                takes: .body(Self.renameInput), returns: AdminUser.self, errors: Self.one + [.usernameTaken]
            ) { caller, call in .ok(try await rename(try call.id("user_id"), to: call.body, by: caller)) },
            .administrative(
                .delete, "/admin/users/{user_id}", "Delete an account, after thirty days", takes: .nothing,
                returns: AdminUser.self, errors: Self.one + [.invalidInput]
            ) { caller, call in .ok(try await delete(try call.id("user_id"), by: caller)) },
            .administrative(
                .get, "/admin/tiers", "List the tiers", takes: .nothing, returns: [TierDescription].self
            ) { _, _ in .ok(Tier.allCases.map(TierDescription.init)) },
            .administrative(.get, "/admin/badges", "List the badges", takes: .nothing, returns: [Badge].self) { _, _ in
                .ok(Badge.allCases)
            },
        ] + benefitRoutes(at: "/admin/users/{user_id}") + benefitRoutes(at: "/features/admin/users/{user_id}")
    }

    /// They are reachable under two paths.
    private func benefitRoutes(at path: String) -> [Route] {
        [
            .administrative(
                .get, "\(path)/features", "What an account may use", takes: .nothing, returns: UserBenefits.self,
                errors: Self.one
            ) { _, call in .ok(try await benefits(of: try call.id("user_id"))) },
            .administrative(
                .put, "\(path)/tier", "Set an account's tier", takes: .body(Self.tierInput),
                returns: UserBenefits.self, errors: Self.one
            ) { caller, call in .ok(try await setTier(call.body, of: try call.id("user_id"), by: caller)) },
            .administrative(
                .delete, "\(path)/badges/{badge}", "Take a badge from an account", takes: .nothing,
                returns: UserBenefits.self, errors: Self.one + [.invalidInput]
            ) { caller, call in
                .ok(try await takeBadge(call.text("badge"), from: try call.id("user_id"), by: caller))
            },
        ]
            + [.put, .post].map { method in
                .administrative(
                    method, "\(path)/badges/{badge}", "Give an account a badge", takes: .nothing,
                    returns: UserBenefits.self, errors: Self.one + [.invalidInput]
                ) { caller, call in
                    .ok(try await giveBadge(call.text("badge"), to: try call.id("user_id"), by: caller))
                }
            }
    }
}

import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Onboarding {
    private static let inviteInput = JSONInput(
        "WelcomeScreenQuery", .optional("invite", .string(1...32)), make: { (invite) throws(APIError) in invite })

    private static let rule = NameRules.text(1...300).checked("must have something to see") {
        NameRules.isVisible($0) ? $0 : nil
    }

    private static let rulesInput = JSONInput(
        "ServerRulesDraft",
        .required("enabled", .bool), .optional("rules", .array(of: rule, count: 0...16), default: []),
        .optional("reaccept", .bool, default: false),
        make: { (isEnabled, rules, reaccept) throws(APIError) in
            RulesDraft(isEnabled: isEnabled, rules: rules, reach: reaccept ? .allMembers : .newMembers)
        })

    private static let acceptInput = JSONInput(
        "RulesAcceptance", .required("version", .integer(0...1_000_000_000)),
        make: { (version) throws(APIError) in version })

    private static let answersInput = JSONInput(
        "OnboardingAnswers", .required("answers", AnswerMap.reader), make: { (answers) throws(APIError) in answers })

    private static let presetInput = JSONInput(
        "OnboardingPresetChoice",
        .required("server_id", .id(ServerID.self)), .required("preset", .oneOf(OnboardingPreset.self)),
        make: { (server, preset) throws(APIError) in (server: server, preset: preset) })

    private static let change: [ErrorKind] = Servers.access + [.permissionDenied]

    package var routes: [Route] { welcomeRoutes + rulesRoutes + questionRoutes + presetRoutes }

    private var welcomeRoutes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/welcome-screen", "See what a server shows to newcomers",
                takes: .query(Self.inviteInput), returns: WelcomeScreen.self, errors: Servers.access
            ) { caller, call in
                .ok(try await welcome(try call.id("server_id"), invite: call.query, for: caller))
            },
            .authenticated(
                .put, "/servers/{server_id}/welcome-screen", "Set what a server shows to newcomers",
                takes: .body(WelcomeScreen.input), returns: WelcomeScreen.self,
                errors: Self.change + [.channelNotFound]
            ) { caller, call in .ok(try await set(call.body, of: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/servers/{server_id}/welcome-screen", "Take a server's welcome screen away",
                takes: .nothing, returns: Success.self, errors: Self.change
            ) { caller, call in
                try await removeWelcome(of: try call.id("server_id"), by: caller)
                return .success
            }
            .limited(by: .serverChange),
        ]
    }

    private var rulesRoutes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/rules", "Read a server's rules", takes: .nothing,
                returns: ServerRules.self, errors: Servers.access
            ) { caller, call in .ok(try await rules(try call.id("server_id"), for: caller)) },
            .authenticated(
                .put, "/servers/{server_id}/rules", "Set a server's rules", takes: .body(Self.rulesInput),
                returns: ServerRules.self, errors: Self.change
            ) { caller, call in .ok(try await set(call.body, of: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .post, "/servers/{server_id}/rules/accept", "Agree to a server's rules",
                takes: .body(Self.acceptInput), returns: Success.self, errors: Servers.access
            ) { caller, call in
                try await accept(call.body, of: try call.id("server_id"), by: caller)
                return .success
            }
            .forPeople,
        ]
    }

    private var questionRoutes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/onboarding", "Read what a server asks its newcomers", takes: .nothing,
                returns: Questionnaire.self, errors: Servers.access
            ) { caller, call in .ok(try await questionnaire(try call.id("server_id"), for: caller)) },
            .authenticated(
                .put, "/servers/{server_id}/onboarding", "Set what a server asks its newcomers",
                takes: .body(Questionnaire.input), returns: Questionnaire.self,
                errors: Self.change + [.channelNotFound, .roleNotFound]
            ) { caller, call in .ok(try await set(call.body, of: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .get, "/servers/{server_id}/onboarding/@me", "See what one still has to do in a server",
                takes: .nothing, returns: OnboardingProgress.self, errors: Servers.access
            ) { caller, call in .ok(try await progress(try call.id("server_id"), of: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/onboarding/answers", "Answer a server's questions",
                takes: .body(Self.answersInput), returns: OnboardingOutcome.self, errors: Servers.access
            ) { caller, call in .ok(try await answer(call.body, in: try call.id("server_id"), by: caller)) }
            .limited(by: .settings).forPeople,
        ]
    }

    private var presetRoutes: [Route] {
        [
            .authenticated(
                .get, "/features/onboarding/presets", "List what one can begin an onboarding with", takes: .nothing,
                returns: OnboardingPresets.self
            ) { _, _ in .ok(OnboardingPresets()) },
            .authenticated(
                .post, "/features/onboarding/apply-preset", "Begin an onboarding with something ready-made",
                takes: .body(Self.presetInput), returns: AppliedPreset.self,
                errors: [.serverNotFound, .accessDenied, .permissionDenied, .alreadyExists]
            ) { caller, call in
                let (server, preset) = call.body
                return .ok(
                    AppliedPreset(preset: preset, stepCount: try await apply(preset, to: server, by: caller)))
            }
            .limited(by: .serverChange),
        ]
    }
}

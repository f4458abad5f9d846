import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Applications {
    private static let one: [ErrorKind] = [.applicationNotFound, .invalidInput]

    private static let draftInput = JSONInput(
        "ApplicationDraft",
        .required("name", NameRules.name(1...100)),
        .optional("description", NameRules.text(0...1000)),
        .optional("public", .bool, default: false),
        .optional("privileged_intents", .array(of: .oneOf(PrivilegedIntent.self), count: 0...3), default: []),
        make: { (name, description, isPublic, intents) throws(APIError) in
            Draft(
                name: name, description: description, isPublic: isPublic,
                intents: intents.reduce(into: Intents()) { $0.formUnion($1.intent) })
        })

    private static let botInput = JSONInput(
        "BotDraft", .optional("username", NameRules.username), make: { (name) throws(APIError) in name })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/applications", "List one's applications", takes: .nothing, returns: [Application].self
            ) { caller, _ in .ok(try await list(of: caller)) }
            .forPeople,
            .authenticated(
                .post, "/applications", "Make an application", takes: .body(Self.draftInput),
                returns: Application.self, statuses: [.created], errors: [.permissionDenied]
            ) { caller, call in .created(try await create(call.body, by: caller)) }
            .limited(by: .applicationCreate).forPeople,
            .authenticated(
                .get, "/applications/{application_id}", "Read an application", takes: .nothing,
                returns: Application.self, errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("application_id"), for: caller)) }
            .forPeople,
            .authenticated(
                .put, "/applications/{application_id}", "Change an application", takes: .body(Self.draftInput),
                returns: Application.self, errors: Self.one
            ) { caller, call in .ok(try await replace(try call.id("application_id"), call.body, by: caller)) }
            .forPeople,
            .authenticated(
                .delete, "/applications/{application_id}", "Delete an application with its bot", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await delete(try call.id("application_id"), by: caller)
                return .success
            }
            .forPeople,
            .authenticated(
                .post, "/applications/{application_id}/bot", "Make an application's bot",
                takes: .body(Self.botInput), returns: BotToken.self, statuses: [.created],
                errors: Self.one + [.alreadyExists, .usernameTaken]
            ) { caller, call in
                .created(
                    try await createBot(
                        named: call.body, for: try call.id("application_id"), by: caller, from: call.client))
            }
            .limited(by: .applicationCreate).forPeople,
            .authenticated(
                .post, "/applications/{application_id}/bot/token", "Give a bot another token", takes: .nothing,
                returns: BotToken.self, errors: Self.one
            ) { caller, call in
                .ok(try await replaceToken(of: try call.id("application_id"), by: caller, from: call.client))
            }
            .forPeople,
        ]
    }
}

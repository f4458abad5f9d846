import Features
import HTTPTypes
import Kernel
import WebAPI

extension Templates {
    private static let name = NameRules.name(1...100)

    private static let draftInput = JSONInput(
        "TemplateDraft", .required("name", name), .optional("description", NameRules.text(0...120)),
        make: { (name, description) throws(APIError) in Draft(name: name, description: description) })

    private static let changeInput = JSONInput(
        "TemplateChange", .replacement("name", name), .change("description", NameRules.text(0...120)),
        make: { (name, description) throws(APIError) in Change(name: name, description: description) })

    private static let useInput = JSONInput(
        "TemplateUse", .required("name", NameRules.name(2...100)), make: { (name) throws(APIError) in name })

    private static let kept: [ErrorKind] = Servers.access + [.permissionDenied]
    private static let one = kept + [.resourceNotFound]

    package var routes: [Route] { serverRoutes + publicRoutes }

    private var serverRoutes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/templates", "List the templates of a server", takes: .nothing,
                returns: [TemplateReport].self, errors: Self.kept
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/templates", "Make a template of a server", takes: .body(Self.draftInput),
                returns: TemplateReport.self, statuses: [.created], errors: Self.kept
            ) { caller, call in .created(try await create(call.body, of: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .put, "/servers/{server_id}/templates/{code}", "Bring a template up to date", takes: .nothing,
                returns: TemplateReport.self, errors: Self.one
            ) { caller, call in
                .ok(try await renew(call.text("code"), of: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .patch, "/servers/{server_id}/templates/{code}", "Call a template otherwise",
                takes: .body(Self.changeInput), returns: TemplateReport.self, errors: Self.one
            ) { caller, call in
                .ok(try await change(call.text("code"), call.body, of: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/servers/{server_id}/templates/{code}", "Delete a template", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await delete(call.text("code"), of: try call.id("server_id"), by: caller)
                return .success
            }
            .limited(by: .serverChange),
        ]
    }

    private var publicRoutes: [Route] {
        [
            .authenticated(
                .get, "/templates/{code}", "Read a template", takes: .nothing, returns: TemplateReport.self,
                errors: [.resourceNotFound]
            ) { _, call in .ok(try await read(call.text("code"))) },
            .authenticated(
                .post, "/templates/{code}", "Make a server after a template", takes: .body(Self.useInput),
                returns: Server.self, statuses: [.created], errors: [.resourceNotFound]
            ) { caller, call in .created(try await found(call.body, after: call.text("code"), by: caller)) }
            .limited(by: .serverCreate).forPeople,
        ]
    }
}

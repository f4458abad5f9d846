import HTTPTypes
import Kernel
import WebAPI

extension Bots {
    package var routes: [Route] {
        [
            .authenticated(
                .get, "/gateway/bot", "How a bot connects", takes: .nothing, returns: BotGateway.self,
                errors: [.permissionDenied]
            ) { caller, call in .ok(try await gateway(from: call.client.origin, for: caller)) },
            .authenticated(
                .put, "/servers/{server_id}/bots/{application_id}", "Bring a bot to a server", takes: .nothing,
                returns: Member.self,
                errors: Servers.access + [
                    .applicationNotFound, .invalidInput, .permissionDenied, .alreadyMember, .bannedFromServer,
                ]
            ) { caller, call in
                .ok(try await bring(try call.id("application_id"), to: try call.id("server_id"), by: caller))
            }
            .forPeople,
        ]
    }
}

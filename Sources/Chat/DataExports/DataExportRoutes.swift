import Features
import HTTPTypes
import Kernel
import Media
import NIOCore
import People
import WebAPI
import ZIP

extension DataExports: Feature {
    private static let path = "/users/@me/data-export"

    private static let one: [ErrorKind] = [.jobNotFound, .invalidInput]

    private static let input = JSONInput(
        "DataExportDraft", .optional("password", Password.input), .optional("code", .string(0...64)),
        make: { (password, code) throws(APIError) in
            password.map { Reauthentication.Proof.password($0, code: code) }
        })

    var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "List the exports of one's data", takes: .nothing, returns: [Job].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .post, Self.path, "Begin to export one's data", takes: .body(Self.input), returns: Job.self,
                errors: [.permissionDenied, .invalidCredentials, .invalidPasswordOrCode, .accountLocked]
            ) { caller, call in .ok(try await begin(by: caller, proving: call.body, from: call.client)) }
            .limited(by: .accountChange).forPeople,
            .authenticated(
                .delete, "\(Self.path)/{export_id}", "Cancel or remove an export", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { caller, call in
                try await delete(try call.id("export_id"), by: caller)
                return .success
            },
            .authenticated(
                .get, "\(Self.path)/{export_id}", "How far an export is", takes: .nothing, returns: Job.self,
                errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("export_id"), for: caller)) },
            .download(
                "\(Self.path)/{export_id}/download", "Download one's data", takes: .none,
                contentTypes: ["application/zip"],
                errors: Self.one
            ) { caller, call in
                let id: JobID = try call.id("export_id")
                return try await jobs.result(
                    of: id, .dataExport, contentType: "application/zip", filename: "aviary-data-\(id).zip", for: caller)
            },
        ]
    }
}

import Files
import HTTPTypes
import Kernel
import WebAPI

extension Uploads {
    private static let draftInput = JSONInput(
        "UploadDraft",
        .required("filename", .string(1...1000)),
        .optional("content_type", .string(0...255)),
        .required("total_size", .integer(1...(1 << 40))),
        .required("channel_id", .id(ChannelID.self)),
        make: { (filename, _, size, channel) throws(APIError) in
            Draft(filename: filename, size_bytes: size, channel: channel)
        })

    private static let completionInput = JSONInput(
        "UploadCompletion", .optional("sha256", .string(64...64)), make: { (sha256) throws(APIError) in sha256 })

    private static let one: [ErrorKind] = [.uploadNotFound, .invalidInput]

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/media/upload/session", "Begin an upload in chunks", takes: .body(Self.draftInput),
                returns: Upload.self, statuses: [.created], errors: Attachments.uploadErrors + [.fileTooLarge]
            ) { caller, call in .created(try await begin(call.body, by: caller)) }
            .limited(by: .upload),
            .authenticated(
                .get, "/media/upload/sessions", "List one's uploads that are not complete", takes: .nothing,
                returns: [Upload].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .get, "/media/upload/{upload_id}", "How far an upload is", takes: .nothing, returns: Upload.self,
                errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("upload_id"), of: caller)) },
            .octets(
                .put, "/media/upload/{upload_id}/{chunk}",
                "Send a chunk; a Content-Digest is checked, and the same chunk may come again", returns: Upload.self,
                errors: Self.one + [.serviceUnavailable]
            ) { caller, call in
                .ok(try await receive(call.text("chunk"), of: try call.id("upload_id"), call.body, by: caller))
            }
            .limited(only: .chunk),
            .authenticated(
                .post, "/media/upload/complete/{upload_id}", "Make an attachment of an upload",
                takes: .body(Self.completionInput), returns: Attachment.self, statuses: [.created],
                errors: Self.one + Attachments.uploadErrors + [.invalidFileType]
            ) { caller, call in
                .created(try await complete(try call.id("upload_id"), sha256: call.body, by: caller))
            },
            .authenticated(
                .delete, "/media/upload/{upload_id}", "Give an upload up", takes: .nothing, returns: Success.self,
                errors: Self.one
            ) { caller, call in
                try await cancel(try call.id("upload_id"), by: caller)
                return .success
            },
        ]
    }
}

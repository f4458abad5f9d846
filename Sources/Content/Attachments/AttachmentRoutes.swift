import Community
import Files
import HTTPTypes
import Kernel
import WebAPI

extension Attachments {
    private static let addressInput = JSONInput(
        "AttachmentAddress",
        .optional("expires", .integer(0...Int(Int32.max) * 4)),
        .optional("signature", .string(1...100)),
        .optional("size", PictureEdge.reader),
        make: { (expires, signature, edge) throws(APIError) in
            guard (expires == nil) == (signature == nil) else { throw .invalidInput("signature", "goes with expires") }
            return Address(
                signature: expires.flatMap { expires in
                    signature.map { AttachmentSignature(expires: Int64(expires), text: $0) }
                }, edge: edge)
        })

    static let uploadErrors: [ErrorKind] =
        Channels.access + [
            .permissionDenied, .cannotMessageUser, .rateLimited, .moduleNotAvailable, .serviceUnavailable,
        ]

    package var routes: [Route] {
        [
            .form(
                "/channels/{channel_id}/attachments", "Upload a file for a message", file: "file",
                returns: Attachment.self, statuses: [.created], errors: Self.uploadErrors
            ) { caller, call in
                .created(try await upload(call.body, to: try call.id("channel_id"), by: caller))
            }
            .limited(by: .upload),
            .file(
                "/media/attachments/{attachment_id}/{filename}",
                "Fetch a file, by the signed address that its message gives, or with a token", takes: Self.addressInput,
                contentTypes: ["application/octet-stream"],
                errors: [
                    .authenticationRequired, .invalidToken, .tokenExpired, .accessDenied, .attachmentNotFound,
                    .serviceUnavailable,
                ]
            ) { caller, call in
                try await file(try call.id("attachment_id"), call.query, for: caller)
            },
        ]
    }
}

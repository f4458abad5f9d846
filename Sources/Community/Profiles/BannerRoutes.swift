import Features
import Files
import HTTPTypes
import Kernel
import WebAPI

extension Banners: Feature {
    package static let module: Module? = .profiles
    private static let cacheTime_s = 86_400

    private static let sizeInput = JSONInput(
        "BannerSize",
        .optional(
            "size",
            JSONReader.integer(1...4096).checked("must be 600 or 1200") { [600, 1200].contains($0) ? $0 : nil },
            default: 1200),
        .optional("v", .string(0...64)),
        make: { (width, _) throws(APIError) in width })

    package var routes: [Route] {
        [
            .form(
                "/users/@me/banner", "Set the picture above one's profile", file: "image", returns: SetPicture.self,
                errors: [.moduleNotAvailable, .serviceUnavailable]
            ) { caller, call in
                _ = try intake.tools()
                let form = try await call.body.picture(in: blobs, limit_bytes: Self.maximum_bytes)
                return .ok(try await set(form.file, of: caller))
            }
            .limited(by: .upload),
            .authenticated(
                .delete, "/users/@me/banner", "Remove the picture above one's profile", takes: .nothing,
                returns: Success.self
            ) { caller, _ in
                try await remove(of: caller)
                return .success
            },
            .file(
                "/banners/users/{user_id}", "The picture above a user's profile", takes: Self.sizeInput,
                contentTypes: ["image/webp"], errors: [.invalidUserID, .userNotFound, .resourceNotFound]
            ) { _, call in
                let blob = try await banner(of: try call.id("user_id"), width: call.query)
                return .file(
                    blob.served(by: blobs, filename: nil, caching: .everybody(seconds: Self.cacheTime_s)))
            },
        ]
    }
}

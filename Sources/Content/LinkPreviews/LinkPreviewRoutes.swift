import Database
import Events
import Features
import Files
import Kernel
import Media
import NIOConcurrencyHelpers
import WebAPI

extension LinkPreviews {
    package var routes: [Route] {
        [
            .file(
                "/media/previews/{picture_key}", "The picture of a link's preview", takes: .none,
                contentTypes: ["image/webp"], errors: [.attachmentNotFound]
            ) { _, call in
                let key = call.text("picture_key")
                let blob = try await self.parts.database.read { tx in try LinkPreviewStore.picture(key, tx) }
                guard let blob else { throw APIError.attachmentNotFound }
                return .file(blob.served(by: self.blobs, filename: nil, caching: .everybody(seconds: 86_400)))
            }
        ]
    }
}

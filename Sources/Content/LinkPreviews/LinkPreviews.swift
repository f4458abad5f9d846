import Community
import Database
import Events
import Features
import Files
import Kernel
import Logging
import Media
import NIOConcurrencyHelpers

/// Shows below messages what the pages say of themselves that they link to. The server fetches them, so that nobody's address
/// is told to a page by reading a message.
///
/// It happens after a message was sent and is worth no waiting: when too many are in line, or the server stops, messages stay
/// without.
package final class LinkPreviews: Sendable {
    private static let lifetime = Duration.seconds(24 * 3600)
    /// Before a page is asked again that said nothing: it may just have been down.
    private static let pause = Duration.seconds(600)
    private static let longestLine = 500
    private static let atOnce = 4
    private static let edge = PictureEdge.large

    private struct Request: Sendable {
        let message: MessageID
        let channel: ChannelID
        let links: [String]
    }

    let parts: Parts
    let blobs: Blobs
    private let intake: Intake
    private let requests: AsyncStream<Request>
    private let line: AsyncStream<Request>.Continuation

    init(parts: Parts, blobs: Blobs, intake: Intake) {
        self.parts = parts
        self.blobs = blobs
        self.intake = intake
        (requests, line) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.longestLine))
    }

    // MARK: Asking

    /// Has the links of a message looked at.
    func look(for message: Message) {
        guard blobs.media != nil, !parts.configuration.disabledModules.contains(.linkPreviews) else { return }
        let links = LinkScanner.links(in: message.linkedText ?? "")
        if !links.isEmpty { line.yield(Request(message: message.id, channel: message.channel, links: links)) }
    }

    /// A link that was taken out of a message has no preview from that moment on, whoever may embed now, and whether or not
    /// anything is fetched.
    static func takeOut(of message: Message, whoseTextIs content: String?, _ tx: Transaction) throws {
        let texts = [content, message.details.forward?.snapshot.content].compactMap { $0 }
        try LinkPreviewStore.unlink(
            message.id, allBut: LinkScanner.links(in: texts.joined(separator: "\n")).map(LinkPreview.hash), tx)
    }

    // MARK: Working

    /// Works off the line, until it is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.atOnce {
                group.addTask {
                    for await request in self.requests {
                        do {
                            try await self.handle(request)
                        } catch is CancellationError {
                            return
                        } catch {
                            self.parts.logger.info("a link has no preview", metadata: ["error": "\(error)"])
                        }
                    }
                }
            }
        }
    }

    private func handle(_ request: Request) async throws {
        guard try await mayShow(request) else { return }
        for link in request.links { try await ensure(link) }
        try await parts.database.write { tx in
            guard let channel = try ChannelStore.channel(request.channel, tx),
                let message = try MessageStore.message(request.message, in: channel, tx),
                // Edited meanwhile: another request is on its way.
                LinkScanner.links(in: message.linkedText ?? "") == request.links
            else { return }
            let before = message.details.allPreviews.map(\.address)
            try LinkPreviewStore.link(request.message, to: request.links.map(LinkPreview.hash), tx)
            let after = try LinkPreviewStore.previews(of: [request.message], tx)[request.message]?.map(\.address) ?? []
            guard before != after else { return }
            try Messages.tellChanged(request.message, in: try Place.unattended(channel, tx), tx)
        }
    }

    /// Whether the author may embed what links lead to; webhooks may.
    private func mayShow(_ request: Request) async throws -> Bool {
        try await parts.database.read { tx in
            guard let channel = try ChannelStore.channel(request.channel, tx),
                let message = try MessageStore.message(request.message, in: channel, tx)
            else { return false }
            guard message.details.webhook == nil, let id = channel.server, let server = try ServerStore.server(id, tx)
            else { return true }
            return try Channels.permissions(of: message.author, in: channel.id, of: server, tx)
                .contains(.messagesEmbedLinks)
        }
    }

    /// Fetches what is not known, or not any more.
    private func ensure(_ link: String) async throws {
        let known = try await parts.database.read { tx in try LinkPreviewStore.preview(LinkPreview.hash(of: link), tx) }
        if let known, parts.clock.now() < known.fetchedAt + (known.title == nil ? Self.pause : Self.lifetime) { return }
        let fetcher = try blobs.available().links
        let page = try await fetcher.page(at: link)
        let picture = try await picture(of: page, fetcher)
        let now = parts.clock.now()
        let key = Base64URL.encode(parts.randomness.bytes(16))
        let preview = { @Sendable (picture: BlobID?) in
            LinkPreview(
                address: link, title: page?.title, description: page?.description, siteName: page?.siteName,
                picture: picture, pictureKey: picture.map { _ in key }, fetchedAt: now)
        }
        guard let picture else {
            return try await parts.database.write { tx in try LinkPreviewStore.set(preview(nil), tx) }
        }
        try await blobs.keep(picture, .webp) { blob, tx in try LinkPreviewStore.set(preview(blob.id), tx) }
    }

    /// Made anew from what was fetched, so that nothing else that is in the file gets on.
    private func picture(of page: OpenGraph?, _ fetcher: LinkFetcher) async throws -> ReceivedFile? {
        guard let address = page?.picture, let file = try await fetcher.picture(at: address) else { return nil }
        do {
            return try await intake.picture(file, edge: Self.edge.rawValue).file
        } catch is APIError {
            return nil
        }
    }

    // MARK: Upkeep

    /// - Returns: whether there may be more.
    package func deleteUnused() async throws -> Bool {
        try await parts.database.write { tx in
            try LinkPreviewStore.deleteUnused(before: tx.now - Self.lifetime, limit: 50, tx)
        }
    }
}

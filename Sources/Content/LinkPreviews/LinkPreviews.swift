import Community
import Database
import Events
import Features
import Files
import Kernel
import Logging
import Media

/// Shows below messages what the pages say of themselves that they link to. The server fetches them, so that nobody's address
/// is told to a page by reading a message.
///
/// It happens after a message was sent: a row says that its links are to be looked at, written with the message, and any node
/// may do it, the one that wrote it at once. When too many are in line, the newest messages stay without.
package final class LinkPreviews: Sendable {
    private static let lifetime = Duration.seconds(24 * 3600)
    /// Before a page is asked again that said nothing: it may just have been down.
    private static let pause = Duration.seconds(600)
    static let longestLine = 500
    private static let atOnce = 4
    /// What fails is tried so often, with a pause; it also counts when whoever is at it ends.
    private static let attempts = 3
    private static let retryPause = Duration.seconds(10)
    /// What has waited for so long, because nobody looked at links, is not looked at.
    private static let patience = Duration.seconds(86_400)
    private static let edge = PictureEdge.large

    let parts: Parts
    let blobs: Blobs
    private let intake: Intake
    private let metrics = LineMetrics("link_preview")
    /// Wakes those who look at links.
    private let bell: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation

    init(parts: Parts, blobs: Blobs, intake: Intake) {
        self.parts = parts
        self.blobs = blobs
        self.intake = intake
        (bell, rope) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.atOnce))
    }

    // MARK: Asking

    private var isOn: Bool { blobs.media != nil && !parts.configuration.disabledModules.contains(.linkPreviews) }

    private func links(of message: Message) -> [String] {
        isOn ? LinkScanner.links(in: message.linkedText ?? "") : []
    }

    /// Has the links of a message looked at, if it has any.
    func look(for message: Message, _ tx: Transaction) throws {
        if !links(of: message).isEmpty { try PreviewRequestStore.add(message.id, tx) }
    }

    /// To be called after the commit: then nobody waits for the next second.
    func ring(for message: Message) {
        if !links(of: message).isEmpty { rope.yield() }
    }

    /// A link that was taken out of a message has no preview from that moment on, whoever may embed now, and whether or not
    /// anything is fetched.
    static func takeOut(of message: Message, whoseTextIs content: String?, _ tx: Transaction) throws {
        let texts = [content, message.details.forward?.snapshot.content].compactMap { $0 }
        try LinkPreviewStore.unlink(
            message.id, allBut: LinkScanner.links(in: texts.joined(separator: "\n")).map(LinkPreview.hash), tx)
    }

    // MARK: Working

    /// Looks after those in line whom nobody has called for, and at how many they are. To be called each second.
    package func tend() async throws {
        guard isOn else { return }
        let count = try await parts.database.read { tx in try PreviewRequestStore.count(tx) }
        metrics.wait(count)
        guard count > 0 else { return }
        rope.yield()
        guard count > Self.longestLine else { return }
        let dropped = try await parts.database.write { tx in try PreviewRequestStore.trim(to: Self.longestLine, tx) }
        metrics.drop(dropped)
        parts.logger.warning("too many links are to be looked at", metadata: ["dropped": "\(dropped)"])
    }

    /// Works off the line, until it is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.atOnce {
                group.addTask { for await _ in self.bell { await self.workOff() } }
            }
        }
    }

    private func workOff() async {
        do {
            while let request = try await takeNext() { try await handle(request) }
        } catch is CancellationError {
            return
        } catch {
            // What was taken is free again when its lease has ended.
            parts.logger.warning("links can't be looked at", metadata: ["error": "\(error)"])
        }
    }

    private func takeNext() async throws -> PreviewRequest? {
        try Task.checkCancellation()
        let due = try await parts.database.read { tx in try PreviewRequestStore.due(limit: 2 * Self.atOnce, tx) }
        if due.count > 1 { rope.yield() }
        for message in due {
            let request = try await parts.database.write { tx in try PreviewRequestStore.take(message, tx) }
            guard let request else { continue }
            if request.attempts <= Self.attempts { return request }
            // Whoever was at it ended, each time.
            try await giveUp(request)
        }
        return nil
    }

    private func giveUp(_ request: PreviewRequest) async throws {
        try await parts.database.write { tx in _ = try PreviewRequestStore.end(request, tx) }
        metrics.drop(1)
    }

    private func handle(_ request: PreviewRequest) async throws {
        do {
            try await show(request)
        } catch  where Task.isCancelled {
            // A task of its own, which nobody has cancelled.
            try? await Task {
                try await parts.database.write { tx in
                    try PreviewRequestStore.putBack(request, attempts: request.attempts - 1, until: tx.now, tx)
                }
            }.value
            throw CancellationError()
        } catch {
            parts.logger.info("a link has no preview", metadata: ["error": "\(error)"])
            guard request.attempts < Self.attempts else { return try await giveUp(request) }
            try await parts.database.write { tx in
                try PreviewRequestStore.putBack(
                    request, attempts: request.attempts, until: tx.now + Self.retryPause, tx)
            }
        }
    }

    private func show(_ taken: PreviewRequest) async throws {
        let (links, unknown) = try await parts.database.read { tx in
            let links = try self.subject(taken.message, tx)?.links ?? []
            return (links, try links.filter { try self.isUnknown($0, tx) })
        }
        var request = taken
        for (number, link) in unknown.enumerated() {
            if number > 0 {
                let renewed = try await parts.database.write { [request] tx in
                    try PreviewRequestStore.renew(request, tx)
                }
                guard let renewed else { return }
                request = renewed
            }
            try await fetch(link)
        }
        let isEdited = try await parts.database.write { [request] tx in
            let subject = try self.subject(request.message, tx)
            guard subject?.links ?? [] == links else {
                try PreviewRequestStore.putBack(request, attempts: 0, until: tx.now, tx)
                return true
            }
            if try PreviewRequestStore.end(request, tx), let subject { try Self.show(subject, tx) }
            return false
        }
        if isEdited { rope.yield() }
    }

    private struct Subject {
        let message: Message
        let channel: Channel
        /// Those that are shown.
        let links: [String]
    }

    /// A message as it is now; nil when it is gone. Its links are not shown where its author may not embed what they lead to;
    /// webhooks may.
    private func subject(_ id: MessageID, _ tx: Transaction) throws -> Subject? {
        guard let channel = try MessageStore.channel(of: id, tx).flatMap({ try ChannelStore.channel($0, tx) }),
            let message = try MessageStore.message(id, in: channel, tx)
        else { return nil }
        let server = try channel.server.flatMap { try ServerStore.server($0, tx) }
        let mayShow =
            try message.details.webhook != nil
            || server.map {
                try Channels.permissions(of: message.author, in: channel.id, of: $0, tx).contains(.messagesEmbedLinks)
            } ?? true
        return Subject(message: message, channel: channel, links: mayShow ? links(of: message) : [])
    }

    private static func show(_ subject: Subject, _ tx: Transaction) throws {
        let (id, hashes) = (subject.message.id, subject.links.map(LinkPreview.hash))
        guard !hashes.isEmpty else { return }
        let before = subject.message.details.allPreviews.map(\.address)
        try LinkPreviewStore.link(id, to: hashes, tx)
        let after = try LinkPreviewStore.previews(of: [id], tx)[id]?.map(\.address) ?? []
        guard before != after else { return }
        try Messages.tellChanged(id, in: try Place.unattended(subject.channel, tx), tx)
    }

    /// Whether nothing is known of a page, or not any more.
    private func isUnknown(_ link: String, _ tx: Transaction) throws -> Bool {
        guard let known = try LinkPreviewStore.preview(LinkPreview.hash(of: link), tx) else { return true }
        return parts.clock.now() >= known.fetchedAt + (known.title == nil ? Self.pause : Self.lifetime)
    }

    private func fetch(_ link: String) async throws {
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

    /// Forgets what stood in line while nobody looked at links.
    func forgetOld() async throws {
        metrics.drop(
            try await parts.database.write { tx in
                try PreviewRequestStore.forget(before: tx.now - Self.patience, tx)
            })
    }
}

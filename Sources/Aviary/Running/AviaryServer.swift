import Bus
import Chat
import Database
import Events
import Features
import Files
import Gateway
import Glibc
import Hummingbird
import Janus
import Kernel
import Logging
import Media
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import OpenIDConnect
import OutgoingHTTP
import People
import ServiceLifecycle
import UnixSignals
import WebAPI
import WebClient
import WebPush

/// The whole program: made from settings, run until it is told to stop.
///
/// It stops in order: clients are told and their sockets closed, requests under way finish, the lease is given back, the store
/// closes.
public final class AviaryServer: Sendable {
    /// What the server listens on.
    public struct Addresses: Sendable {
        public let port: Int
        public let metricsPort: Int?
    }

    private let settings: LoadedSettings
    private let place: NodePlace
    private let storage: Storage
    /// Nil where the database is a file.
    private let databaseWatch: DatabaseWatch?
    private let ids: Snowflakes
    private let chat: Instance
    private let media: MediaParts
    private let gateway: GatewayServer
    /// Nil where voice channels have no media server.
    private let voiceServer: JanusServer?
    /// How services that the operator has named are asked.
    private let outgoing: OutgoingClient
    private let hasher: PasswordHasher
    private let state: SystemState
    private let limiter: RateLimiter
    private let web: WebServer
    private let certificates: CertificateStore?
    private let prometheus: Prometheus
    private let clock: any WallClock
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let isClosed = NIOLockedValueBox(false)

    /// What settings say, taken before anything is made that a wrong one would leave behind.
    private struct Configuration {
        let chat: ChatConfiguration
        let passwordHashing: PasswordHasher.Parameters
        let web: WebConfiguration

        init(_ settings: LoadedSettings) throws {
            chat = try settings.chat()
            passwordHashing = try settings.passwordHashing()
            web = try settings.web()
        }
    }

    /// Opens the store and puts the parts together. Nothing listens yet.
    /// - Parameters:
    ///   - uptime: tells how much time has passed, whatever the clocks are set to.
    ///   - observe: puts something around the database that sees each transaction.
    /// - Throws: `SettingsError`, `DatabaseError`.
    public convenience init(
        _ settings: LoadedSettings, prometheus: Prometheus = Prometheus(), clock: any WallClock = GuardedClock(),
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        randomness: any Randomness = SystemRandomness(), linkGuard: LinkGuard = .standard,
        observing observe: (any SQLDatabase) -> any SQLDatabase = { $0 }, logger: Logger
    ) async throws {
        let configuration = try Configuration(settings)
        let place = try await NodePlace.take(
            settings, clock: clock, randomness: randomness, observing: observe, logger: logger)
        do {
            try await self.init(
                settings, configuration, at: place, prometheus: prometheus, clock: clock, uptime: uptime,
                randomness: randomness,
                linkGuard: linkGuard, logger: logger)
        } catch {
            await place.giveBack()
            throw error
        }
    }

    private init(
        _ settings: LoadedSettings, _ configuration: Configuration, at place: NodePlace, prometheus: Prometheus,
        clock: any WallClock,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant, randomness: any Randomness, linkGuard: LinkGuard,
        logger: Logger
    ) async throws {
        self.settings = settings
        self.place = place
        self.prometheus = prometheus
        self.clock = clock
        self.logger = logger
        storage = place.storage
        let (lease, isShared) = (place.lease, place.isShared)
        certificates = configuration.web.tls
        let contact = DatabaseContact(now: uptime)
        let database: any SQLDatabase =
            isShared
            ? NodeDatabase(database: place.observed, lease: lease, contact: contact, now: uptime) : place.observed
        ids = Snowflakes(
            clock: clock, worker: lease.number,
            after: try await InstanceSettings.newestIdentifier(in: database))

        let bus = storage.bus
        state = SystemState(
            startedAt: clock.now(), lostLogLines: { LogOutput.standardError.lost },
            warnings: { bus?.broken.map(\.warning).sorted() ?? [] },
            databaseSilence: { isShared ? contact.silence : .zero })
        hasher = PasswordHasher(
            configuration.passwordHashing, concurrency: settings.integer(.passwordConcurrency),
            randomness: randomness)
        let node = storage.bus.map { NodeLink(name: place.holder, bus: $0, living: WorkerLease.living) }
        let transient = TransientEvents(node: node)
        eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        outgoing = OutgoingClient(on: eventLoopGroup)
        let transport = HTTPTransport(outgoing)
        let providers = try settings.providers()
        let phones = try settings.phones(outgoing, clock: clock.outside)
        media = try settings.media(
            node: place.folder.name(randomness), linkGuard: linkGuard, clock: clock.outside, on: eventLoopGroup)
        if media.pictures == nil || media.films == nil {
            logger.warning(
                "libvips-tools, libimage-exiftool-perl or ffmpeg is not installed: pictures and films are not taken")
        }
        let pushKey = try VAPIDKey(
            try await InstanceSettings.secret("push_key", made: VAPIDKey.makeBytes(), in: database))
        voiceServer = try settings.voiceServer(randomness: randomness, on: eventLoopGroup, logger: logger)
        var chatConfiguration = configuration.chat
        chatConfiguration.hasVoiceServer = voiceServer != nil
        chat = Instance(
            Parts(
                features: Instance.features, database: database, log: storage.log, ids: ids, clock: clock,
                randomness: randomness,
                configuration: chatConfiguration, logger: logger),
            media: media, hasher: hasher, mailer: try settings.mailer(clock: clock.outside),
            providers: providers.map { OpenIDProvider($0, transport: transport, clock: clock.outside) },
            push: settings.push(pushKey, phones, linkGuard: linkGuard, on: eventLoopGroup),
            transient: transient, state: state, nodes: WorkerLease.nodes,
            voiceServer: voiceServer)

        try await chat.maintenance.refresh()
        let sessionKey = try await InstanceSettings.secret("gateway_session_key", 32, in: database, randomness)
        let limitKey =
            storage.bus == nil ? nil : try await InstanceSettings.secret("rate_limit_key", 16, in: database, randomness)
        let limiter = settings.rateLimiter(clock, secret: limitKey)
        self.limiter = limiter
        storage.bus?.subscribe(to: .limits) { news in
            if case .message(let grants) = news { limiter.hear(grants) }
        }
        let gateway = GatewayServer(
            try settings.gateway(sessionKey: sessionKey), backend: chat.gatewayBackend, eventLoopGroup: eventLoopGroup,
            newestPosition: try await storage.log.newestPosition(in: database), limiter: limiter, logger: logger,
            clock: clock)
        self.gateway = gateway
        databaseWatch =
            isShared
            ? DatabaseWatch(contact: contact, database: database, log: storage.log, gateway: gateway, logger: logger)
            : nil
        storage.log.listen { events in gateway.publish(events) }
        transient.listen { event in
            gateway.publishTransient(
                event.name, payload: event.payload, intent: event.intent, to: event.audiences, except: event.except,
                knowing: event.horizon)
        }
        let webClient = try settings.webClient()
        web = WebServer(
            configuration.web, routes: chat.routes + (webClient?.routes ?? []), authenticator: chat.authenticator,
            limiter: limiter,
            socket: SocketEndpoint(path: "/gateway", refusal: gateway.refusal(of:)) { channel, head in
                gateway.install(on: channel, head: head)
            },
            asyncAPI: { GeneratedPages.gateway.asyncAPI },
            rules: chat.houseRules, missingPage: webClient?.missingPage, translatingErrors: Instance.apiError(for:))
    }

    /// Serves until it is told to stop, by a signal or by a closure that returns.
    /// - Parameter onStart: called once connections are accepted.
    public func run(
        stoppingOn signals: [UnixSignal] = [], stoppingWhen stop: (@Sendable () async -> Void)? = nil,
        onStart: @escaping @Sendable (Addresses) async -> Void
    ) async throws {
        let metricsPort = NIOLockedValueBox<Int?>(nil)
        let sharedFolder = settings.flag(.sharedFolder) ? place.fileFolder?.name : nil
        let application = web.application(eventLoopGroup: eventLoopGroup, logger: logger) { port in
            await onStart(Addresses(port: port, metricsPort: metricsPort.withLockedValue { $0 }))
        }
        // Stopped from the last to the first.
        var services: [any Service] = [StoreService(server: self)]
        services.append(
            LeaseService(
                lease: place.lease, ids: ids, database: storage.database, clock: clock.outside,
                files: place.fileFolder, state: state, logger: logger,
                report: { [storage, gateway, state, sharedFolder] skew in
                    let position = gateway.newestPosition
                    return NodeReport(
                        version: "\(LoadedSettings.programVersion)", startedAt: state.startedAt, position: position,
                        lag: max(0, try await storage.log.newestPosition(in: storage.database) - position),
                        sessions: await gateway.connectionCount(), skew: skew,
                        // Where there is one node alone, it does what a leader does.
                        leads: storage.relay.map { $0.term != nil } ?? true, folder: sharedFolder,
                        machine: MachineName.own,
                        difficulties: Set(
                            (state.has(.files) ? [.files] : []) + (storage.bus?.broken.isEmpty == false ? [.bus] : [])))
                }))
        if let databaseWatch { services.append(databaseWatch) }
        if let files = place.fileFolder {
            services.append(
                RepeatedService(name: "folder of files", interval: FileFolder.interval, logger: logger) {
                    files.look()
                })
        }
        services.append(PresenceService(chat: chat))
        services.append(
            RepeatedService(name: "other nodes", interval: .seconds(1), logger: logger) { [chat] in chat.beat() })
        if let bus = storage.bus {
            services.append(
                RepeatedService(name: "shared limits", interval: RateLimiter.tellingInterval, logger: logger) {
                    [limiter] in
                    if let grants = limiter.takeGrants() { bus.publish(grants, to: .limits) }
                })
            services.append(
                RepeatedService(name: "surplus connections", interval: .seconds(5), logger: logger) { [gateway] in
                    await gateway.closeSurplus()
                })
        }
        if let voiceServer { services.append(VoiceServerService(server: voiceServer)) }
        services.append(LinkPreviewService(chat: chat))
        services.append(
            RepeatedService(name: "node work", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.runNodeWork()
            })
        services.append(
            RepeatedService(name: "link previews", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.tendPreviews()
            })
        services.append(
            RepeatedService(
                name: "due work", interval: .seconds(1), logger: logger,
                work: whenLeading { [chat] in try await chat.runDueWork() }))
        services.append(
            RepeatedService(
                name: "indexing", interval: .seconds(1), logger: logger,
                work: whenLeading { [chat] in try await chat.indexMessages() }))
        services.append(
            RepeatedService(
                name: "indexing of names", interval: .seconds(1), logger: logger,
                work: whenLeading { [chat] in try await chat.indexNames() }))
        services.append(
            RepeatedService(name: "jobs", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.runJobs()
            })
        services.append(
            RepeatedService(name: "pushes", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.sendPushes()
            })
        services.append(
            RepeatedService(name: "letters", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.sendLetters()
            })
        services.append(
            RepeatedService(name: "mails", interval: .seconds(1), logger: logger) { [chat] in
                try await chat.sendMails()
            })
        services.append(
            RepeatedService(name: "the log", interval: .seconds(1), logger: logger) { [place, gateway] in
                try await place.logWatch.look(gateway)
            })
        let clockWatch = ClockWatch(clock: clock, chat: chat, database: storage.database, logger: logger)
        services.append(
            RepeatedService(name: "the clock", interval: .seconds(1), logger: logger) { try await clockWatch.look() })
        services.append(
            RepeatedService(
                name: "upkeep", interval: .seconds(60), logger: logger,
                work: whenLeading { [chat] in try await chat.runUpkeep() }))
        services.append(
            MaintenanceService(
                maintenance: chat.maintenance, state: state, gateway: gateway, clock: clock, bus: storage.bus,
                logger: logger))
        if settings.flag(.metricsEnabled) {
            services.append(
                MetricsService(
                    prometheus: prometheus, settings: settings, eventLoopGroup: eventLoopGroup, logger: logger))
        }
        if let certificates { services.append(CertificateService(certificates: certificates, logger: logger)) }
        services.append(application)
        services.append(
            FarewellService(
                gateway: gateway, state: state,
                others: { [chat, storage] in (try? await chat.otherNodes(in: storage.database)) ?? 0 },
                leave: { [chat] in
                    chat.leave()
                    await chat.leaveRooms()
                }, handOver: { [chat] in chat.handOver() },
                logger: logger))

        // Everybody who listens has subscribed by now.
        storage.bus?.start()
        // Without a name, a service would be described with everything that it holds: slow, and full of secrets.
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        do {
            let group = ServiceGroup(configuration: configuration)
            async let stopping: Void? = {
                guard let stop else { return }
                await stop()
                await group.triggerGracefulShutdown()
            }()
            try await group.run()
            _ = await stopping
        } catch {
            try? await place.lease.giveBack(to: storage.database)
            await close()
            throw SettingsError(listening: error, on: .host, .port, of: settings) ?? error
        }
        await close()
    }

    /// What one node does for all.
    private func whenLeading(_ work: @escaping @Sendable () async throws -> Void) -> @Sendable () async throws -> Void {
        guard let relay = storage.relay else { return work }
        return {
            guard let term = relay.term else { return }
            try await NodeDatabase.$term.withValue(term, operation: work)
        }
    }

    /// Lets go of everything. A start that fails may find it closed by a service already.
    fileprivate func close() async {
        let wasClosed = isClosed.withLockedValue { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        guard !wasClosed else { return }
        await outgoing.shutDown()
        await media.store.shutDown()
        await hasher.shutDown()
        await storage.close()
        try? await eventLoopGroup.shutdownGracefully()
    }
}

extension BusWay {
    /// What it means for a node that this way goes nowhere.
    fileprivate var warning: String {
        switch self {
        case .nats: "NATS is away: nodes tell each other by PostgreSQL"
        case .postgresql: "nodes can't tell each other by PostgreSQL: what others write comes up to a second late"
        }
    }
}

/// Tells the clients of the gateway before anything else stops: where other nodes go on, to resume there.
private struct FarewellService: Service {
    /// Until whatever leads people to nodes has seen that this one is not ready.
    private static let notice = Duration.seconds(3)
    /// So many can identify or resume elsewhere in a second without being noticed.
    private static let sessionsPerSecond = 1000
    private static let longestSpread = Duration.seconds(10)

    let gateway: GatewayServer
    let state: SystemState
    /// How many other nodes are there that do not end themselves.
    let others: @Sendable () async -> Int
    /// Says to them that this one ends.
    let leave: @Sendable () async -> Void
    /// Says that its clients go to others, and not away.
    let handOver: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await leave()
        state.stop()
        var count = await others()
        logger.info("stopping", metadata: ["other_nodes": "\(count)"])
        if count > 0 {
            try? await Task.sleep(for: Self.notice)
            // Those that were told to end at the same time have said so by now.
            count = await others()
        }
        guard count > 0 else {
            return await gateway.shutDown(GatewayStop(.shutdown, message: "The server is shutting down"))
        }
        let sessions = await gateway.connectionCount()
        handOver()
        await gateway.handOver(
            within: min(Self.longestSpread, .milliseconds(1000 * sessions / Self.sessionsPerSecond)))
    }
}

/// Closes the store when everyone who used it has stopped.
private struct StoreService: Service {
    let server: AviaryServer

    func run() async throws {
        // Where a service has failed, the others still need it until they have ended.
        guard (try? await gracefulShutdown()) != nil else { return }
        await server.close()
    }
}

/// Keeps the media server of voice channels there.
private struct VoiceServerService: Service {
    let server: JanusServer

    func run() async throws { await cancelWhenGracefulShutdown { await server.keep() } }
}

/// Looks at the links of messages.
private struct LinkPreviewService: Service {
    let chat: Instance

    func run() async throws { await cancelWhenGracefulShutdown { await chat.previewLinks() } }
}

/// Tells who comes and goes.
private struct PresenceService: Service {
    let chat: Instance

    func run() async throws { await cancelWhenGracefulShutdown { await chat.tellPresences() } }
}

/// Does something again and again, with pauses.
private struct RepeatedService: Service {
    let name: String
    let interval: Duration
    let logger: Logger
    let work: @Sendable () async throws -> Void

    func run() async throws {
        let failures = Counter(label: "background_step_failures_total", dimensions: [("step", name)])
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await work()
                    try await Task.sleep(for: interval)
                } catch is CancellationError {
                    return
                } catch {
                    failures.increment()
                    logger.warning("\(name) failed; trying again later", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: max(interval, .seconds(5)))
                }
            }
        }
    }
}

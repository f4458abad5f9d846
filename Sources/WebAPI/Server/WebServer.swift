import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import NIOHTTP1

/// The HTTP side of the program: routes in, a running service out.
public struct WebServer: Sendable {
    private let configuration: WebConfiguration
    private let routes: [Route]
    private let authenticator: any Authenticator
    private let limiter: RateLimiter
    private let rules: HouseRules
    private let largeAnswers = LargeAnswers()
    private let socket: SocketEndpoint?
    private let missingPage: MissingPage?
    private let translate: @Sendable (any Error) -> APIError?

    /// - Parameters:
    ///   - rules: whom the server lets in.
    ///   - asyncAPI: the document of the socket.
    ///   - missingPage: what browsers are shown at unknown addresses.
    ///   - translate: makes the contract's errors of those that lower parts throw.
    public init(
        _ configuration: WebConfiguration, routes: [Route], authenticator: any Authenticator, limiter: RateLimiter,
        socket: SocketEndpoint? = nil, asyncAPI: @escaping @Sendable () -> [UInt8], rules: HouseRules = HouseRules(),
        missingPage: MissingPage? = nil,
        translatingErrors translate: @escaping @Sendable (any Error) -> APIError?
    ) {
        self.configuration = configuration
        self.routes =
            routes
            + APIDocumentation(routes: routes, versions: configuration.versions).routes(besides: asyncAPI)
        self.authenticator = authenticator
        self.limiter = limiter
        self.rules = rules
        self.socket = socket
        self.missingPage = missingPage
        self.translate = translate
    }

    /// - Parameter onStart: called with the port once connections are accepted.
    public func application(
        eventLoopGroup: any EventLoopGroup, logger: Logger, onStart: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        let (configuration, socket, limiter, rules) = (configuration, socket, limiter, rules)
        let census = ConnectionCensus(
            perAddress: configuration.connectionsPerAddress, maximum: configuration.maximumConnections,
            proxies: configuration.trustedProxies)
        return Application(
            responder: router().buildResponder(),
            server: HTTPServerBuilder { responder in
                WebChannel(
                    configuration: configuration, socket: socket, limiter: limiter, rules: rules, census: census,
                    responder: responder)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 4096),
            onServerRunning: { channel in await onStart(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: logger)
    }

    private func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self)
        var paths = routes.map { (path: $0.fullPath, method: $0.method) }
        if let socket { paths.append((socket.path, .get)) }
        let table = RouteTable(paths)
        router.add(
            middleware: ClientAddress(
                proxies: configuration.trustedProxies, isEncrypted: configuration.tls != nil))
        router.add(middleware: BodilessAnswers())
        router.add(middleware: CrossOrigin(allowed: configuration.crossOrigin, table: table, limiter: limiter))
        router.add(middleware: Compression())
        router.add(
            middleware: Envelope(
                table: table, versions: configuration.versions, limiter: limiter, translate: translate))
        if let missingPage { router.add(middleware: MissingPageMiddleware(page: missingPage, table: table)) }
        for route in routes { add(route, to: router) }
        if let socket { addRefusal(of: socket, to: router) }
        return router
    }

    private func add(_ route: Route, to router: Router<WebContext>) {
        let (authenticator, limiter, rules, largeAnswers) = (authenticator, limiter, rules, largeAnswers)
        let isEncrypted = configuration.tls != nil
        router.on(route.fullPath, route.method) { request, context in
            let parameters = context.parameters.map { (String($0.key), String($0.value).removingPercentEncoding) }
            return try await route.respond(
                request,
                Route.Surroundings(
                    authenticator: authenticator,
                    door: Door(policy: route.policy, limiter: limiter, meter: context.meter, rules: rules),
                    largeAnswers: largeAnswers,
                    client: Self.client(request, context), logger: context.logger,
                    parameters: Dictionary(
                        parameters.map { ($0, $1 ?? "") }, uniquingKeysWith: { first, _ in first }),
                    channel: isEncrypted ? nil : context.channel))
        }
    }

    private static func client(_ request: Request, _ context: WebContext) -> ClientInformation {
        ClientInformation(
            address: context.remoteAddress, userAgent: request.headers[.userAgent].map { $0.beginning(.scalars(256)) },
            origin: (context.isEncrypted ? "https://" : "http://") + (request.head.authority ?? ""))
    }

    /// A request for the socket that was not upgraded is told why.
    private func addRefusal(of socket: SocketEndpoint, to router: Router<WebContext>) {
        let rules = rules
        router.on(socket.path, .get) { request, context in
            if rules.isBlocked(context.remoteAddress) { throw APIError.accessDenied }
            var headers = HTTPHeaders()
            for field in request.headers { headers.add(name: field.name.rawName, value: field.value) }
            if let authority = request.head.authority { headers.add(name: "host", value: authority) }
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.uri.string, headers: headers)
            throw socket.refusal(head) ?? APIError.invalidInput("upgrade", "this address takes WebSocket connections")
        }
    }
}

extension Router<WebContext> {
    /// Who answers GET answers HEAD, too; `BodilessAnswers` leaves the body out.
    fileprivate func on(
        _ path: String, _ method: HTTPRequest.Method,
        respond: @escaping @Sendable (Request, WebContext) async throws -> Response
    ) {
        for method in method == .get ? [.get, .head] : [method] {
            on(RouterPath(path), method: method, use: respond)
        }
    }
}

extension Route {
    /// The path with the base path before it.
    var fullPath: String {
        switch base {
        case .version: WebConfiguration.basePath + path
        case .root: path
        }
    }
}

import HTTPTypes
import Hummingbird
import HummingbirdCore
import Kernel
import Logging
import Metrics
import NIOCore
import NIOHTTP1

/// The outermost step of every request: whatever goes wrong inside becomes the envelope of the error page, and every
/// answer gets its request id, its line in the log and its place in the metrics.
struct Envelope: RouterMiddleware {
    let table: RouteTable
    let versions: ClientVersionPolicy
    let limiter: RateLimiter
    /// Translates errors of lower parts (the database) into the contract's; nil for what it does not know.
    let translate: @Sendable (any Error) -> APIError?

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            if let version = request.headers[.clientVersion] { try versions.admit(version) }
            response = try await next(request, context)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            response = answer(to: error, request, context)
        }
        let limits: RateLimitStatus
        do {
            limits = try rateLimits(context)
        } catch {
            limits = error.status
            response = answer(to: error.error, request, context)
        }
        // Nobody else has set these.
        response.headers.append(HTTPField(name: .requestID, value: context.requestID))
        for (name, value) in limits.headers { response.headers.append(HTTPField(name: name, value: value)) }
        SecurityHeaders.add(to: &response.headers)
        finish(request, response, context, .now - start)
        return response
    }

    /// What was counted on the way or, when the request did not come so far, is counted now by its address.
    private func rateLimits(_ context: WebContext) throws(RateLimitRefusal) -> RateLimitStatus {
        if let status = context.meter.status { return status }
        return try limiter.spend([.address], of: RateLimitSubject(clientAddress: context.remoteAddress))
    }

    private func answer(to error: any Error, _ request: Request, _ context: WebContext) -> Response {
        let known = apiError(for: error, request)
        // What a route answers on purpose, such as that the server is being maintained, is no fault.
        if known.status >= 500, !(error is APIError) {
            context.logger.error(
                "request failed",
                metadata: [
                    "route": .string(context.endpointPath ?? "none"), "error": "\(String(reflecting: error))",
                ])
        }
        if [401, 403, 429].contains(known.status) {
            context.logger.info(
                "refused",
                metadata: [
                    "route": .string(context.endpointPath ?? "none"), "error": .string(known.message),
                    "address": .string(context.remoteAddress),
                ])
        }
        var response = JSONResponse.make(known, status: HTTPResponse.Status(code: known.status))
        switch known.kind.status {
        case 401: response.headers[.wwwAuthenticate] = "Bearer"
        case 405:
            response.headers[.allow] = table.methods(at: request.uri.path).map(\.rawValue).joined(separator: ", ")
        case 416:
            if case .integer(let size) = known.extra["size"] { response.headers[.contentRange] = "bytes */\(size)" }
        // What is left of the body is not worth reading.
        case 408, 413: response.headers[.connection] = "close"
        default: break
        }
        if case .number(let seconds) = known.extra["retry_after"] {
            response.headers[.retryAfter] = String(Int(seconds.rounded(.up)))
        }
        return response
    }

    private func apiError(for error: any Error, _ request: Request) -> APIError {
        switch error {
        case let error as APIError: return error
        case is NIOTooManyBytesError: return .requestTooLarge
        case let error as HTTPError where error.status == .notFound:
            return table.methods(at: request.uri.path).isEmpty ? .resourceNotFound : .methodNotAllowed
        case let error as HTTPError where error.status == .contentTooLarge: return .requestTooLarge
        case is CancellationError: return .serviceUnavailable
        default: return translate(error) ?? .internalServerError
        }
    }

    private func finish(_ request: Request, _ response: Response, _ context: WebContext, _ time: Duration) {
        let status = response.status.code
        // The template, not the path: ids and tokens stay out of the metrics, and their number stays bounded.
        let route = context.endpointPath ?? "none"
        RequestMetrics.shared.record(method: request.method.rawValue, route: route, status: status, time)
        context.logger.debug(
            "request",
            metadata: [
                "method": .string(request.method.rawValue), "route": .string(route),
                "status": .stringConvertible(status), "time_ms": .stringConvertible(time.wholeMilliseconds),
                "address": .string(context.remoteAddress),
            ])
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so none of these is nil.
    // swift-format-ignore: NeverForceUnwrap
    static let requestID = Self("X-Request-Id")!
    // swift-format-ignore: NeverForceUnwrap
    static let clientVersion = Self("X-Client-Version")!
    // swift-format-ignore: NeverForceUnwrap
    static let contentTypeOptions = Self("X-Content-Type-Options")!
    // swift-format-ignore: NeverForceUnwrap
    static let referrerPolicy = Self("Referrer-Policy")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimit = Self("X-RateLimit-Limit")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitRemaining = Self("X-RateLimit-Remaining")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitReset = Self("X-RateLimit-Reset")!
    // swift-format-ignore: NeverForceUnwrap
    static let rateLimitBucket = Self("X-RateLimit-Bucket")!
}

extension RateLimitStatus {
    /// The contract's headers.
    var headers: [(HTTPField.Name, String)] {
        [
            (.rateLimit, String(limit)), (.rateLimitRemaining, String(remaining)),
            (.rateLimitReset, String((reset.milliseconds + 999) / 1000)), (.rateLimitBucket, bucket.name),
        ]
    }
}

import Chat
import Community
import Content
import Features
import Foundation
import Gateway
import Kernel
import Logging
import Mail
import Media
import NIOCore
import OpenIDConnect
import People
import WebAPI

/// What the settings mean for each part of the program.
extension LoadedSettings {
    func versions() throws -> ClientVersionPolicy {
        guard let minimum = Version(text(.minimumVersion)) else {
            throw SettingsError("\(Setting.minimumVersion.key): must look like a.1.0-1")
        }
        return ClientVersionPolicy(server: Self.programVersion, minimum: minimum, updateURL: textOrNil(.updateURL))
    }

    func web() throws -> WebConfiguration {
        var web = WebConfiguration(versions: try versions())
        web.host = text(.host)
        web.port = integer(.port)
        web.requestTimeout = seconds(.requestTimeout)
        web.idleTimeout = seconds(.idleTimeout)
        guard let proxies = TrustedProxies(text(.trustedProxies)) else {
            throw SettingsError("\(Setting.trustedProxies.key): must be addresses or ranges such as 10.0.0.0/8")
        }
        web.trustedProxies = proxies
        web.tls = try certificates()
        let available = max(16, ProcessRules.descriptorLimit / 4 * 3)
        let wanted = integer(.connections)
        web.maximumConnections = wanted == 0 ? available : min(wanted, available)
        // Others must find a place, whatever one address does.
        web.connectionsPerAddress = max(1, min(integer(.connectionsPerAddress), web.maximumConnections / 2))
        switch origins {
        case nil: web.crossOrigin = .own
        case ["*"]: web.crossOrigin = .all
        case .some(let origins): web.crossOrigin = .listed(origins)
        }
        return web
    }

    public var hasTLS: Bool { !text(.certificate).isEmpty }

    private func certificates() throws -> CertificateStore? {
        switch (textOrNil(.certificate), textOrNil(.certificateKey)) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            do {
                return try CertificateStore(certificate: certificate, key: key)
            } catch let failure as CertificateStore.Failure {
                throw SettingsError(failure.description)
            }
        default: throw SettingsError("\(Setting.certificate.key) and \(Setting.certificateKey.key) go together")
        }
    }

    /// Nil: only the server's own.
    private var origins: Set<String>? {
        let origins = text(.corsOrigins).split(separator: ",").map { String($0.filter { $0 != " " }) }
        return origins.isEmpty ? nil : Set(origins)
    }

    /// - Parameter secret: that all nodes have; nil where there is one alone.
    func rateLimiter(_ clock: any WallClock, secret: [UInt8]?) -> RateLimiter {
        RateLimiter(rates: rates(), isEnforced: flag(.rateLimiting), secret: secret, clock: clock)
    }

    func gateway(sessionKey: [UInt8]) throws -> GatewayConfiguration {
        var gateway = GatewayConfiguration(versions: try versions(), sessionKey: sessionKey)
        gateway.publicURL = textOrNil(.gatewayURL)
        gateway.isEncrypted = hasTLS
        gateway.connectionsPerUser = integer(.gatewayConnections)
        gateway.identifyInterval = seconds(.gatewayIdentifyInterval)
        gateway.maximumConcurrency = integer(.gatewayConcurrency)
        gateway.replayEvents = integer(.gatewayReplay)
        gateway.isRateLimited = flag(.rateLimiting)
        gateway.maximumQueue_bytes = integer(.gatewayQueue) * 1024
        if let origins {
            gateway.allowedOrigins = origins == ["*"] ? nil : origins
        } else {
            gateway.allowedOrigins = []
        }
        return gateway
    }

    private func rates() -> [RateLimitBucket: [Rate]] {
        let rates = Instance.features.rateLimitBuckets.map { ($0, Rate.list(text(.rateLimit($0))) ?? $0.defaults) }
        return Dictionary(uniqueKeysWithValues: rates)
    }

    func chat() throws -> ChatConfiguration {
        var chat = ChatConfiguration(versions: try versions())
        chat.rates = rates()
        chat.registration = ChatConfiguration.Registration(rawValue: text(.registration)) ?? .open
        chat.ageGate = ChatConfiguration.AgeGate(rawValue: text(.ageGate)) ?? .off
        chat.minimumAge = integer(.minimumAge)
        chat.reviewsListings = flag(.discoveryApproval)
        chat.publicURL = text(.publicURL)
        chat.providers = try providers().map(\.name)
        chat.sendsMail = !text(.smtpURL).isEmpty
        chat.tellsApple = !text(.appleKey).isEmpty
        chat.tellsAndroid = !text(.firebaseKey).isEmpty
        chat.requiresVerifiedEmail = flag(.verifiedEmail)
        guard chat.sendsMail || !chat.requiresVerifiedEmail else {
            throw SettingsError("\(Setting.verifiedEmail.key): needs \(Setting.smtpURL.key)")
        }
        guard !chat.sendsMail || !text(.mailFrom).isEmpty else {
            throw SettingsError("\(Setting.mailFrom.key): must be set when \(Setting.smtpURL.key) is")
        }
        guard !chat.sendsMail || !chat.publicURL.isEmpty else {
            throw SettingsError(
                "\(Setting.publicURL.key): must be set when \(Setting.smtpURL.key) is, for the links in mails")
        }
        chat.sessionLifetime = .seconds(integer(.sessionDays) * 24 * 3600)
        chat.sessionsPerUser = integer(.sessionsPerUser)
        chat.serversPerUser = integer(.serversPerUser)
        chat.gatewayURL = text(.gatewayURL)
        chat.voiceRelay = voiceRelay()
        chat.serversPerShard = integer(.gatewayServersPerShard)
        chat.sessionStartsPerDay = integer(.gatewayStarts)
        chat.maximumConcurrency = integer(.gatewayConcurrency)
        chat.channelsPerServer = integer(.channelsPerServer)
        chat.readReceiptMembers = integer(.readReceiptMembers)
        chat.messageLength = integer(.messageLength)
        chat.fileSize_bytes = integer(.uploadSize) << 20
        chat.voiceMessage_s = integer(.voiceMessageLength)
        chat.disabledModules = Set(
            Module.allCases.filter { module in
                ([module] + (module.basis.map { [$0] } ?? [])).contains { !flag(.module($0)) }
            })
        return chat
    }

    /// - Throws: `SettingsError` for less memory than the lanes need.
    func passwordHashing() throws -> PasswordHasher.Parameters {
        let parameters = PasswordHasher.Parameters(
            memory_KiB: integer(.argonMemory), passes: integer(.argonPasses), lanes: integer(.argonLanes))
        guard parameters.memory_KiB >= 8 * parameters.lanes else {
            throw SettingsError("\(Setting.argonMemory.key): Argon2 needs at least 8 KiB for each lane")
        }
        return parameters
    }

    /// - Throws: `SettingsError` for a provider that lacks what it can't be without.
    func providers() throws -> [ProviderConfiguration] {
        try Setting.names(text(.providers)).map { name in
            for field in [Setting.ProviderField.issuer, .clientID] where text(.provider(name, field)).isEmpty {
                throw SettingsError("\(Setting.provider(name, field).key): must be set for the provider \(name)")
            }
            return ProviderConfiguration(
                name: name, issuer: text(.provider(name, .issuer)), clientID: text(.provider(name, .clientID)),
                clientSecret: textOrNil(.provider(name, .clientSecret)), scopes: text(.provider(name, .scopes)))
        }
    }

    func list(_ setting: Setting) -> [String] {
        text(setting).lowercased().filter { $0 != " " }.split(separator: ",").map(String.init)
    }

    /// Nil without a server for outgoing mail.
    func mailer(clock: any WallClock) throws -> (any Mailer)? {
        guard let url = textOrNil(.smtpURL) else { return nil }
        do {
            return try SMTPMailer(url: url, from: text(.mailFrom), clock: clock)
        } catch {
            throw SettingsError("\(Setting.smtpURL.key): \(error)")
        }
    }
}

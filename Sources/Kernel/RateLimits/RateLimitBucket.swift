/// Requests that are counted together (contract: REST, Rate limits). The raw value is the name in `X-RateLimit-Bucket`.
public enum RateLimitBucket: String, CaseIterable, Sendable {
    /// Everything that somebody who is logged in asks for.
    case user
    /// Everything that comes from an address without a login.
    case address
    case login
    case register
    /// What proves who somebody is while logged in: codes, passkeys, the password for a weighty change.
    case twoFactor = "two_factor"
    /// What sends an e-mail.
    case mail
    case accountChange = "account.change"
    case serverCreate = "server.create"
    /// Moving roles or channels, of which one request may move many.
    case serverReorder = "server.reorder"
    /// Changing roles, channels and what counts in them, which each member may be told of.
    case serverChange = "server.change"
    case settings
    /// Making groups, and bringing people into them.
    case group
    /// Making applications and bots.
    case applicationCreate = "application.create"
    case messageSend = "message.send"
    case messageEdit = "message.edit"
    case messageDelete = "message.delete"
    case messageList = "message.list"
    case reaction
    case friendRequest = "friend_request"
    case webhook
    /// Pictures and files that are fetched.
    case media
    /// The files of the web client, which no picture of a message may keep from coming.
    case page
    /// Transcripts that are begun.
    case export
    case upload
    /// Pieces of an upload.
    case chunk

    public var defaults: [Rate] {
        switch self {
        case .user: [Rate(120, per: .seconds(60), burst: 20), Rate(50, per: .seconds(1))]
        case .address: [Rate(60, per: .seconds(60))]
        case .login: [Rate(5, per: .seconds(60)), Rate(20, per: .seconds(3600))]
        case .register:
            [Rate(3, per: .seconds(60)), Rate(10, per: .seconds(3600)), Rate(20, per: .seconds(86_400))]
        case .twoFactor: [Rate(5, per: .seconds(60))]
        case .mail: [Rate(3, per: .seconds(60)), Rate(10, per: .seconds(3600))]
        case .accountChange: [Rate(2, per: .seconds(60)), Rate(10, per: .seconds(3600))]
        case .serverCreate: [Rate(10, per: .seconds(60)), Rate(100, per: .seconds(86_400))]
        case .serverReorder: [Rate(20, per: .seconds(60), burst: 10), Rate(200, per: .seconds(3600))]
        case .serverChange: [Rate(60, per: .seconds(60), burst: 60), Rate(1200, per: .seconds(3600))]
        case .settings: [Rate(60, per: .seconds(60), burst: 30), Rate(600, per: .seconds(3600))]
        case .group: [Rate(10, per: .seconds(60), burst: 10), Rate(100, per: .seconds(86_400))]
        case .applicationCreate: [Rate(10, per: .seconds(60)), Rate(50, per: .seconds(86_400))]
        case .messageSend, .messageEdit, .messageDelete: [Rate(5, per: .seconds(5), burst: 3)]
        case .messageList: [Rate(10, per: .seconds(10), burst: 5)]
        case .reaction: [Rate(1, per: .milliseconds(250))]
        case .friendRequest: [Rate(5, per: .seconds(60)), Rate(50, per: .seconds(3600))]
        case .webhook: [Rate(5, per: .seconds(2))]
        case .media, .page: [Rate(1200, per: .seconds(60), burst: 300)]
        case .export: [Rate(5, per: .seconds(60)), Rate(20, per: .seconds(3600))]
        case .upload: [Rate(30, per: .seconds(60), burst: 10)]
        case .chunk: [Rate(20, per: .seconds(1), burst: 20)]
        }
    }

    /// Whether it is so narrow that a request counted in it may cost a password hash: seconds of a processor, and its memory.
    public var allowsHashing: Bool {
        switch self {
        case .login, .register, .twoFactor, .mail, .accountChange: true
        default: false
        }
    }

    /// What a bot's limits are multiplied by.
    public var botMultiplier: Double {
        switch self {
        case .messageSend, .messageEdit, .messageDelete, .messageList, .reaction: 1.2
        default: 1
        }
    }
}

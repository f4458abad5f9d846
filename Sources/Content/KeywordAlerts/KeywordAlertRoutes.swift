import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension KeywordAlerts {
    private static let keyword = NameRules.text(2...50).checked("must be something to be found") { (text: String) in
        NameRules.isVisible(text) && Keyword(text) != nil ? text : nil
    }

    private static let input = JSONInput(
        "KeywordAlertDraft",
        .required("keywords", .array(of: keyword, count: 0...keywordCap.maximum)),
        .optional("server_ids", .array(of: .id(ServerID.self), count: 0...maximumPlaces)),
        .optional("exclude_channel_ids", .array(of: .id(ChannelID.self), count: 0...maximumPlaces), default: []),
        make: { (keywords, servers, channels) throws(APIError) in
            KeywordAlert(keywords: keywords, servers: servers, excludedChannels: channels)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/keyword-alerts", "The words that one wants to hear of", takes: .nothing,
                returns: KeywordAlert.self
            ) { caller, _ in .ok(try await read(of: caller)) }
            .forPeople,
            .authenticated(
                .put, "/users/@me/keyword-alerts", "Say which words one wants to hear of, and where",
                takes: .body(Self.input), returns: KeywordAlert.self
            ) { caller, call in .ok(try await set(call.body, by: caller)) }
            .limited(by: .settings).forPeople,
        ]
    }
}

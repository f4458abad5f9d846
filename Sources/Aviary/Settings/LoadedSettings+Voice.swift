import Community
import Features
import Foundation
import Janus
import Kernel
import Logging
import NIOCore

/// What settings say of the media of voice channels.
extension LoadedSettings {
    private static let fewestPorts = 4

    /// The TURN and STUN servers that the operator has.
    func voiceRelay() -> VoiceRelay? {
        let urls = text(.turnURLs).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return urls.isEmpty ? nil : VoiceRelay(urls: urls, secret: text(.turnSecret))
    }

    /// - Throws: `SettingsError` for what are no ports.
    func voicePorts() throws -> ClosedRange<Int> {
        let numbers = text(.voicePorts).split(separator: "-", omittingEmptySubsequences: false).map {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        guard numbers.count == 2, let first = numbers[0], let last = numbers[1],
            (1024...65_535).contains(first), (first...65_535).contains(last), last - first + 1 >= Self.fewestPorts
        else {
            throw SettingsError("\(Setting.voicePorts.key): must be two ports of 1024 to 65535, such as 50000-50999")
        }
        return first...last
    }

    /// A media server for voice channels, which is not started yet.
    /// - Returns: nil where there is to be none, or can't be.
    /// - Throws: `SettingsError`.
    func voiceServer(
        randomness: any Randomness, on group: any EventLoopGroup, logger: Logger
    ) throws -> JanusServer? {
        let ports = try voicePorts()
        guard text(.voiceServer) == VoiceServerChoice.auto.rawValue, flag(.module(.voice)) else { return nil }
        guard let installation = JanusServer.Installation() else {
            logger.info("Janus is not installed: voice channels take four people, who send to each other")
            return nil
        }
        guard let place = JanusPlace(ports: ports, wanted: text(.voiceAddress)) else {
            let why =
                text(.voiceAddress).isEmpty ? "this machine has no address but its own" : "voice.address leads nowhere"
            logger.warning("\(why): voice channels take four people, who send to each other")
            return nil
        }
        return JanusServer(installation, at: place, randomness: randomness, on: group, logger: logger)
    }
}

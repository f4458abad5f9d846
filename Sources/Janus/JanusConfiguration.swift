import Foundation
import Kernel

/// How a Janus of ours is set up: for this one process, reachable by nobody else, in a folder of its own.
struct JanusConfiguration: Sendable {
    /// Who may ask it for what. Made anew for each start.
    struct Secrets: Sendable {
        let interface: String
        let administration: String
        let rooms: String
    }

    let place: JanusPlace
    let libraries: String
    let secrets: Secrets

    /// In the folder.
    static let socket = "api.sock"

    /// Writes everything into a folder that is there.
    func write(to folder: String) throws {
        for name in ["plugins", "transports", "events", "loggers"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        for (kind, name) in [("plugins", "videoroom"), ("transports", "websockets")] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(kind)/libjanus_\(name).so",
                withDestinationPath: "\(libraries)/\(kind)/libjanus_\(name).so")
        }
        for (name, sections) in files(folder) {
            let text = sections.map { section, values in
                "\(section): {\n" + values.map { "\t\($0) = \($1.text)\n" }.joined() + "}\n"
            }
            let file = "\(folder)/\(name)"
            guard
                FileManager.default.createFile(
                    atPath: file, contents: Data(text.joined().utf8), attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
        }
    }

    private enum Value {
        case text(String)
        case plain(String)

        var text: String {
            switch self {
            case .text(let text): "\"" + text.escaping(["\\": "\\\\", "\"": "\\\""]) + "\""
            case .plain(let text): text
            }
        }
    }

    private typealias Section = (String, [(String, Value)])

    private func files(_ folder: String) -> [(String, [Section])] {
        [
            ("janus.jcfg", [("general", general(folder)), ("media", media), ("nat", network)]),
            (
                "janus.transport.websockets.jcfg",
                [
                    (
                        "general",
                        [
                            ("events", .plain("false")), ("json", .text("compact")), ("ws", .plain("true")),
                            ("ws_unix", .text("\(folder)/\(Self.socket)")), ("wss", .plain("false")),
                            ("ws_logging", .text("err,warn")),
                        ]
                    ),
                    ("admin", [("admin_ws", .plain("false")), ("admin_wss", .plain("false"))]),
                ]
            ),
            (
                "janus.plugin.videoroom.jcfg",
                [
                    (
                        "general",
                        [
                            ("admin_key", .text(secrets.rooms)), ("events", .plain("false")),
                            ("string_ids", .plain("true")),
                        ]
                    )
                ]
            ),
        ]
    }

    private func general(_ folder: String) -> [(String, Value)] {
        [
            ("configs_folder", .text(folder)), ("plugins_folder", .text("\(folder)/plugins")),
            ("transports_folder", .text("\(folder)/transports")), ("events_folder", .text("\(folder)/events")),
            ("loggers_folder", .text("\(folder)/loggers")),
            // Errors and warnings.
            ("debug_level", .plain("3")), ("debug_timestamps", .plain("false")), ("debug_colors", .plain("false")),
            ("api_secret", .text(secrets.interface)), ("admin_secret", .text(secrets.administration)),
            ("server_name", .text("aviary")), ("hide_dependencies", .plain("true")),
            // Sessions end with what holds them, and not by time.
            ("session_timeout", .plain("0")), ("reclaim_session_timeout", .plain("0")),
            ("protected_folders", .plain("[\"/\"]")),
            ("event_loops", .plain("\(ProcessInfo.processInfo.activeProcessorCount)")),
        ]
    }

    private var media: [(String, Value)] {
        [
            ("ipv6", .plain(place.isIPv6 ? "true" : "false")),
            ("rtp_port_range", .text("\(place.ports.lowerBound)-\(place.ports.upperBound)")),
            ("no_media_timer", .plain("2")), ("slowlink_threshold", .plain("4")),
        ]
    }

    private var network: [(String, Value)] {
        var values: [(String, Value)] = [
            ("nice_debug", .plain("false")),
            // Names of devices in a home mean nothing here, and looking for them takes seconds.
            ("ignore_mdns", .plain("true")),
            ("ice_enforce_list", .text(place.address)),
        ]
        if !place.namesakes.isEmpty {
            values.append(("ice_ignore_list", .text(place.namesakes.joined(separator: ","))))
        }
        if let address = place.publicAddress {
            values += [("nat_1_1_mapping", .text(address)), ("keep_private_host", .plain("false"))]
        }
        return values
    }
}

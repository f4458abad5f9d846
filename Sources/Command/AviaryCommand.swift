import ArgumentParser
import Aviary
import Foundation
import Kernel

@main
struct AviaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviary", abstract: "A self-hosted community chat server.",
        version: VersionReport.text,
        subcommands: [
            ServeCommand.self, AdminCommand.self, ClusterCommand.self, DoctorCommand.self, ConfigCommand.self,
            BenchCommand.self, DocsCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

/// The settings that every command takes.
struct SettingsOptions: ParsableArguments {
    @Option(help: "A YAML file with settings.")
    var config: String?

    @Option(help: "Address to listen on (http.host).")
    var host: String?

    @Option(help: "Port to listen on (http.port).")
    var port: Int?

    @Option(help: "Folder for everything that the server keeps (data).")
    var data: String?

    @Option(help: "sqlite:PATH or postgres://… (database.url).")
    var database: String?

    @Option(help: "nats://…, tls://… or postgres (bus.url).")
    var bus: String?

    @Option(name: .customLong("set"), help: "Any other setting, as KEY=VALUE; may stand several times.")
    var others: [String] = []

    /// - Throws: `SettingsError`, said as a validation error of the command.
    func load() async throws -> LoadedSettings {
        var flags: [String: String] = [:]
        for other in others {
            let halves = other.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else {
                throw ValidationError("--set \(other): must be KEY=VALUE with a key that `aviary config` lists")
            }
            flags[String(halves[0])] = String(halves[1])
        }
        flags["http.host"] = host ?? flags["http.host"]
        flags["http.port"] = port.map(String.init) ?? flags["http.port"]
        flags["data"] = data ?? flags["data"]
        flags["database.url"] = database ?? flags["database.url"]
        flags["bus.url"] = bus ?? flags["bus.url"]
        do {
            return try await LoadedSettings.load(
                file: config, environment: ProcessInfo.processInfo.environment, flags: flags)
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
    }
}

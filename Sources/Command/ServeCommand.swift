import ArgumentParser
import Aviary
import Foundation
import Kernel
import UnixSignals

/// `aviary serve`: runs the server until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server.",
        discussion: """
            Without any option it keeps everything in ./data and listens on http://localhost:8080. Settings come from flags,
            else from the environment (AVIARY_HTTP_PORT), else from the YAML file that --config names. `aviary config` lists
            all of them with their values.

            SIGTERM or Ctrl+C stops the server in order: clients are told, requests under way finish, the store closes.

            The server runs in a process of its own, which is started again when it dies; --set process.restart=false leaves
            that to somebody else.
            """)

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        ProcessRules.apply()
        let watch = Watch.begin()
        let settings = try await settings.load()
        do {
            if watch == nil, var supervisor = try Supervisor(settings) { Foundation.exit(supervisor.run()) }
            ProcessRules.raiseDescriptorLimit()
            let observability = Observability(settings, deaths: watch?.deaths ?? 0)
            let server = try await AviaryServer(
                settings, prometheus: observability.prometheus, logger: observability.logger)
            try await server.run(stoppingOn: [.sigterm, .sigint]) { addresses in
                // Who started it was welcomed the first time.
                if watch?.deaths ?? 0 == 0 { Self.welcome(settings, addresses) }
            }
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
    }

    private static func welcome(_ settings: LoadedSettings, _ addresses: AviaryServer.Addresses) {
        let host = ["127.0.0.1", "0.0.0.0", "::", "::1"].contains(settings.host) ? "localhost" : settings.host
        let address = "\(settings.hasTLS ? "https" : "http")://\(host):\(addresses.port)"
        print(
            """
            Aviary \(LoadedSettings.programVersion) is running.

              Address   \(address)
              Data      \(settings.dataFolder)
              Next      open \(address) in a browser and make an account; the API is at \(address)/docs.

            Ctrl+C stops it.
            """)
        // Who reads through a pipe wants to see it now.
        fflush(nil)
    }
}

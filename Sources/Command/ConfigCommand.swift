import ArgumentParser
import Aviary

/// `aviary config`: what the server would run with.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the effective settings and where each came from; secrets are hidden.")

    @OptionGroup var settings: SettingsOptions

    func run() async throws { print(try await settings.load().report) }
}

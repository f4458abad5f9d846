import ArgumentParser
import Aviary

/// `aviary docs`: writes the pages that are made from the code.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Write the reference pages: configuration, API and errors.")

    @Option(help: "The folder to write to.")
    var output: String

    func run() throws { try GeneratedPages.write(to: output) }
}

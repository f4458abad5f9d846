import ArgumentParser
import Aviary
import Chat

/// `aviary doctor`: looks for what should not be, and mends it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what does not agree, and mend it.", subcommands: [Media.self])

    struct Media: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the files in the store with the database.",
            discussion: """
                It needs the same settings as the server, which may be running. Files that the database knows and the store does not
                have are listed as missing; objects that nothing stands for as stray. With --mend, what shows a missing file is taken
                away, and stray objects are deleted. It exits with 1 when something is left that does not agree.
                """)

        @Flag(help: "Put right what does not agree.") var mend = false
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            ProcessRules.apply()
            var findings = 0
            do {
                let settings = try await settings.load()
                try settings.requireInstance()
                try await AdministrationSession.withMediaDoctor(settings) { doctor in
                    let report = { (finding: MediaDoctor.Finding) in
                        findings += 1
                        print(finding)
                    }
                    if mend { try await doctor.mend(report) } else { try await doctor.examine(report) }
                }
            } catch let error as SettingsError {
                throw ValidationError(error.description)
            }
            print(findings == 0 ? "Everything agrees." : mend ? "\(findings) mended." : "\(findings) found.")
            if findings > 0, !mend { throw ExitCode(1) }
        }
    }
}

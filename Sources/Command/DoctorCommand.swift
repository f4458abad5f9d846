import ArgumentParser
import Aviary
import Chat

/// `aviary doctor`: looks for what should not be, and mends it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what does not agree, and mend it.",
        subcommands: [Media.self, Log.self, Bus.self])

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin the event log anew, so that no client goes on from where it was.",
            discussion: """
                A client that comes back is told what it has missed since a position of the log. When the database was put back to an
                earlier state, positions are used a second time, and it would miss something. A server sees that by itself in most
                cases; this is for the others, such as a machine that was put back as a whole. Clients only load everything once more.
                """)

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            ProcessRules.apply()
            do {
                let settings = try await settings.load()
                try settings.requireInstance()
                try await AdministrationSession.with(settings) { try await $0.beginLogAnew() }
            } catch let error as SettingsError {
                throw ValidationError(error.description)
            }
            print("All clients begin anew.")
        }
    }

    struct Bus: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try whether nodes can tell each other something.",
            discussion: """
                It needs the same settings as the server, which may be running, and sends something from itself to itself by PostgreSQL,
                and by NATS where bus.url names it. It exits with 1 when that does not come.
                """)

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            ProcessRules.apply()
            var findings: [BusDoctor.Finding] = []
            do {
                let settings = try await settings.load()
                try settings.requireInstance()
                findings = try await BusDoctor.examine(settings)
            } catch let error as SettingsError {
                throw ValidationError(error.description)
            }
            if findings.isEmpty { print("There is one node alone, which has nobody to tell anything.") }
            for finding in findings { print(finding) }
            if !findings.allSatisfy(\.isReached) { throw ExitCode(1) }
        }
    }

    struct Media: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the files in the store with the database.",
            discussion: """
                It needs the same settings as the server, which may be running. Files that the database knows and the store does not
                have are listed as missing; objects that nothing stands for as stray. With --mend, what shows a missing file is taken
                away, and stray objects are deleted. It exits with 1 when something is left that does not agree. Where the store has
                nothing at all that the database knows, as where it is not mounted, nothing is done without --all-lost.
                """)

        @Flag(help: "Put right what does not agree.") var mend = false
        @Flag(help: "With --mend: all files may be lost.") var allLost = false
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
                    if mend {
                        try await doctor.mend(allowing: allLost ? .all : .some, report)
                    } else {
                        try await doctor.examine(report)
                    }
                }
            } catch let error as SettingsError {
                throw ValidationError(error.description)
            } catch let error as MediaDoctor.NothingThere {
                throw ValidationError(error.description)
            }
            print(findings == 0 ? "Everything agrees." : mend ? "\(findings) mended." : "\(findings) found.")
            if findings > 0, !mend { throw ExitCode(1) }
        }
    }
}

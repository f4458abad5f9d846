import ArgumentParser
import Aviary
import Chat
import Foundation
import Kernel
import People

/// `aviary admin`: what only the operator may do. It works on the store itself, with a running server or without.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Make and mend administrators; maintenance.",
        discussion: """
            It needs the same settings as the server (--data, --database, --config, or the environment). A running server learns
            of a promotion within half a minute and of a maintenance within a second.
            """,
        subcommands: [
            Create.self, Promote.self, Demote.self, ResetTwoFactor.self, SetTier.self, List.self, StartMaintenance.self,
            EndMaintenance.self,
        ])

    /// Runs a command on an instance that is there.
    static func run(
        _ options: SettingsOptions, _ body: (Administration) async throws -> Void
    ) async throws {
        do {
            try await options.load().requireInstance()
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
        try await runAnywhere(options, body)
    }

    /// Runs a command, also as the first of an instance, and says in words what is wrong.
    static func runAnywhere(
        _ options: SettingsOptions, _ body: (Administration) async throws -> Void
    ) async throws {
        ProcessRules.apply()
        do {
            try await AdministrationSession.with(try await options.load(), body)
        } catch let error as APIError {
            let details = error.details.map { "\n  \($0.field) \($0.message)" }.joined()
            throw ValidationError(error.message + details)
        } catch let error as SettingsError {
            throw ValidationError(error.description)
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an administrator's account.",
            discussion: "The password is asked for, or read from standard input when that is no terminal.")

        @Argument(help: "The user name.") var username: String
        @Option(help: "The e-mail address.") var email: String
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            guard let password = Self.readPassword() else { throw ValidationError("no password was given") }
            try await AdminCommand.runAnywhere(settings) { administration in
                let id = try await administration.create(username: username, email: email, password: password)
                print("\(username) is an administrator; id \(id)")
            }
        }

        private static func readPassword() -> String? {
            guard isatty(STDIN_FILENO) == 1 else { return readLine() }
            // Points into memory that the next call would overwrite; the text is copied at once.
            return getpass("Password: ").map { String(cString: $0) }
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account an administrator's.")

        @Argument(help: "User name or e-mail address.") var name: String
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { try await $0.appoint(name) }
            print("\(name) is an administrator")
        }
    }

    struct Demote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account an ordinary one again.")

        @Argument(help: "User name or e-mail address.") var name: String
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { try await $0.dismiss(name) }
            print("\(name) is no administrator")
        }
    }

    struct ResetTwoFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-2fa",
            abstract: "Switch two-factor login off for somebody who has lost phone and backup codes.")

        @Argument(help: "User name or e-mail address.") var name: String
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { try await $0.resetTwoFactor(of: name) }
            print("\(name) logs in with the password alone")
        }
    }

    struct SetTier: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tier", abstract: "Set an account's tier: standard, alpha, premium or staff.")

        @Argument(help: "User name or e-mail address.") var name: String
        @Argument(help: "The tier.", transform: tier) var tier: Tier
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { try await $0.setTier(tier, of: name) }
            print("\(name) has the tier \(tier.rawValue)")
        }

        private static func tier(_ text: String) throws -> Tier {
            guard let tier = Tier(rawValue: text) else {
                throw ValidationError("must be one of \(Tier.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return tier
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the administrators.")

        @Flag(help: "List every account.") var all = false
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { administration in
                for account in try await all ? administration.accounts() : administration.administrators() {
                    let marks = [account.isAdmin ? "admin" : nil, account.hasTwoFactor ? "2fa" : nil]
                    let columns = [account.id.description, account.username, account.email, account.tier.rawValue]
                    print((columns + marks.compactMap { $0 }).joined(separator: "\t"))
                }
            }
        }
    }

    struct StartMaintenance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start-maintenance", abstract: "Let only administrators in, until end-maintenance.")

        @Option(help: "What people are told.") var message: String?
        @Option(help: "Seconds until it begins.") var after = 0
        @Option(help: "Seconds that it will probably take.") var downtime: Int?
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { administration in
                try await administration.maintenance.begin(
                    message: message, after: .seconds(max(0, after)), estimatedDowntime_s: downtime)
            }
            print(after > 0 ? "the maintenance begins in \(after) seconds" : "the server is being maintained")
        }
    }

    struct EndMaintenance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-maintenance", abstract: "Let everybody in again.")

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await AdminCommand.run(settings) { try await $0.maintenance.end() }
            print("the maintenance is over")
        }
    }
}

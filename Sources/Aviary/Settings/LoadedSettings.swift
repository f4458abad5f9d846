import Configuration
import Features
import Foundation
import Kernel
import People
import SystemPackage
import Yams

/// Something in the configuration that the program can't work with, said so that a person can mend it.
public struct SettingsError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The effective settings and where each came from. A flag counts more than the environment, that more than the file.
public struct LoadedSettings: Sendable {
    public struct Value: Sendable {
        public let setting: Setting
        public let value: String
        public let source: String
    }

    private let table: [Setting]
    private let values: [String: Value]

    /// - Parameters:
    ///   - file: a YAML file, or nil.
    ///   - environment: all of the process's variables.
    ///   - flags: settings by their keys.
    /// - Throws: `SettingsError` for an unknown key or a wrong value.
    public static func load(
        file: String?, environment: [String: String], flags: [String: String]
    ) async throws -> LoadedSettings {
        var sources: [(name: String, provider: any ConfigProvider)] = [
            ("flag", InMemoryProvider(name: "flags", values: memoryValues(flags))),
            (
                "environment",
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "aviary")
            ),
        ]
        let root = try file.flatMap(parse)
        if let file, root != nil {
            sources.append((file, try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))))
        }
        let table = try table(in: sources)
        try requireKnown(environment, table)
        if let key = flags.keys.filter({ key in !table.contains { $0.key == key } }).min() {
            throw SettingsError("there is no setting “\(key)”")
        }
        if let file, let root { try requireKnown(root, at: [], in: file, table) }
        var values: [String: Value] = [:]
        for setting in table { values[setting.key] = try value(of: setting, in: sources) }
        return LoadedSettings(table: table, values: values)
    }

    /// Every setting, with those of the providers that one of them names.
    private static func table(
        in sources: [(name: String, provider: any ConfigProvider)]
    ) throws -> [Setting] {
        let names = Setting.names(try value(of: .providers, in: sources).value)
        return Setting.all + names.flatMap { name in Setting.ProviderField.allCases.map { .provider(name, $0) } }
    }

    private static func memoryValues(_ flags: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            uniqueKeysWithValues: flags.map { key, value in
                (
                    AbsoluteConfigKey(key.split(separator: ".").map(String.init)),
                    ConfigValue(.string(value), isSecret: false)
                )
            })
    }

    private static func value(
        of setting: Setting, in sources: [(name: String, provider: any ConfigProvider)]
    ) throws -> Value {
        for source in sources {
            let found: ConfigValue?
            do {
                found = try source.provider.value(forKey: setting.absoluteKey, type: .string).value
            } catch {
                throw SettingsError("\(setting.key) in \(source.name): must be a single value")
            }
            guard case .string(let text) = found?.content else { continue }
            if let problem = setting.problem(with: text) {
                let shown = setting.isSecret ? "" : ", is “\(text)”"
                throw SettingsError("\(setting.key) (from \(source.name)): \(problem)\(shown)")
            }
            return Value(setting: setting, value: text, source: source.name)
        }
        return Value(setting: setting, value: setting.fallback, source: "default")
    }

    /// - Returns: nil for a file of only comments, which sets nothing.
    private static func parse(_ path: String) throws -> Node? {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("the configuration file \(path) can't be read")
        }
        do {
            let root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
            return root?.null == nil ? root : nil
        } catch let error as YamlError {
            throw SettingsError("\(path): \(error)")
        }
    }

    // MARK: Unknown keys

    private static func requireKnown(_ environment: [String: String], _ table: [Setting]) throws {
        let known = Set(table.map(\.environmentName))
        let unknown = environment.keys.filter {
            $0.hasPrefix("AVIARY_") && !isOfTheHouse($0) && !known.contains($0)
        }
        if let name = unknown.min() { throw SettingsError("there is no setting for the variable \(name)") }
    }

    /// Whether a variable is meant for the build or the tests: a server that is started beside them has no use for it, and
    /// is not stopped by it.
    private static func isOfTheHouse(_ variable: String) -> Bool {
        variable == "AVIARY_STRICT" || variable.hasPrefix("AVIARY_TEST_")
    }

    private static func requireKnown(
        _ node: Node, at path: [String], in file: String, _ table: [Setting]
    ) throws {
        let known = Set(table.map(\.key))
        guard case .mapping(let mapping) = node else {
            let key = path.joined(separator: ".")
            if path.isEmpty { throw SettingsError("\(file): must be a mapping of settings") }
            if !known.contains(key) { throw SettingsError("\(file): there is no setting “\(key)”") }
            return
        }
        for (key, value) in mapping { try requireKnown(value, at: path + [key.string ?? ""], in: file, table) }
    }

    // MARK: Access

    /// In the order of the table.
    public var all: [Value] { table.compactMap { values[$0.key] } }

    func text(_ setting: Setting) -> String { values[setting.key]?.value ?? setting.fallback }

    /// Nil when it is empty.
    func textOrNil(_ setting: Setting) -> String? {
        let value = text(setting)
        return value.isEmpty ? nil : value
    }

    /// The value was checked when it was loaded.
    func integer(_ setting: Setting) -> Int { Int(text(setting)) ?? 0 }

    func flag(_ setting: Setting) -> Bool { text(setting) == "true" }

    func seconds(_ setting: Setting) -> Duration { .seconds(integer(setting)) }

    /// The table that `aviary config` prints; secrets are hidden.
    public var report: String {
        let rows = all.map { value in
            let shown = value.setting.isSecret && !value.value.isEmpty ? "(hidden)" : value.value
            return (value.setting.key, shown, value.source)
        }
        let width = rows.map(\.0.count).max() ?? 0
        let valueWidth = min(40, rows.map(\.1.count).max() ?? 0)
        return rows.map { key, value, source in
            key.padded(to: width) + "  " + value.padded(to: valueWidth) + "  " + source
        }.joined(separator: "\n")
    }
}

extension Setting {
    fileprivate var absoluteKey: AbsoluteConfigKey { AbsoluteConfigKey(key.split(separator: ".").map(String.init)) }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

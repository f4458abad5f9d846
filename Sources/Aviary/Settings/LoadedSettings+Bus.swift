import Bus
import Features

/// By what the nodes of an instance tell each other, from `bus.url`.
enum BusChoice: Sendable {
    /// One node alone, which has nobody to tell anything.
    case none
    case postgresql
    case nats(NATSPlace)

    /// - Throws: `SettingsError` for what is no bus, or none for that database.
    init(_ settings: LoadedSettings) throws {
        let key = Setting.bus.key
        let url = settings.text(.bus)
        for file in [Setting.busAuthorities, .busCredentials] {
            guard settings.textOrNil(file) == nil || !["", "postgres"].contains(url) else {
                throw SettingsError("\(file.key): is for NATS only, which \(key) names")
            }
        }
        guard case .postgresql = try StorageLocation(settings) else {
            guard url.isEmpty else {
                throw SettingsError(
                    "\(key): a database of SQLite has one node alone, which has nobody to tell anything; several nodes need PostgreSQL (\(Setting.database.key))"
                )
            }
            self = .none
            return
        }
        guard !["", "postgres"].contains(url) else {
            self = .postgresql
            return
        }
        do {
            self = .nats(
                try NATSPlace(
                    url, authorities: settings.textOrNil(.busAuthorities),
                    credentials: settings.textOrNil(.busCredentials)))
        } catch {
            throw SettingsError("\(key): \(error)")
        }
    }
}

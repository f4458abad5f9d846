import Aviary
import Chat
import Database
import Kernel

/// What `aviary --version` says: all that somebody needs to know who is told of a fault.
enum VersionReport {
    static var text: String {
        // There is always a newest: the first is the schema itself.
        let newest = Instance.migrations.max { $0.number < $1.number }
        return """
            aviary \(LoadedSettings.programVersion)
            commit: \(builtCommit)
            SQLite: \(SQLiteDatabase.libraryVersion)
            newest migration: \(newest.map { "\($0.number) (\($0.name))" } ?? "none")
            """
    }
}

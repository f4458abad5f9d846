import Database
import Kernel

/// Puts right what was stamped while the clock was ahead, so that nothing lives longer than its span once the clock is right.
///
/// What ends some time after it began ends that time after now. Moments that people named themselves, such as the end of a ban,
/// stay what they are.
struct Restamping: Sendable {
    let database: any SQLDatabase

    /// - Throws: what the database throws; doing it again does no harm.
    func run() async throws {
        for statement in RestampingStore.statements {
            try await database.write { tx in try tx.execute(statement, [tx.now]) }
        }
    }
}

import Database
import Kernel
import TestDatabase
import Testing

@Suite struct FailedStatementTests {
    @Test(arguments: DatabaseKind.allCases)
    func `A statement that has failed fails the same way again, and works when it may`(_ kind: DatabaseKind)
        async throws
    {
        try await TestDatabase.with(kind, migrations: [.things]) { database in
            try await database.write { try $0.addThing(1, amount: 5) }
            for _ in 0..<3 {
                await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.addThing(1, amount: 6) }
                }
            }
            try await database.write { try $0.addThing(2, amount: 7) }
            let amounts = try await database.read { [try $0.amount(1), try $0.amount(2)] }
            #expect(amounts == [5, 7])
        }
    }
}

import Database
import Foundation
import Kernel
import Testing

@testable import Chat
@testable import Media

/// What clients are told of a failure beneath.
@Suite("What is told of failures")
struct FailureTests {
    @Test("a full disk is out of service until there is room, whatever else fails with a file is a bug")
    func files() {
        func error(_ code: CInt) -> APIError? {
            Instance.apiError(for: FileFailure(call: "write", path: "/somewhere", code: code))
        }
        for code in [ENOSPC, EDQUOT] { #expect(error(code) == .serviceUnavailable) }
        for code in [EIO, EACCES, ENOENT] { #expect(error(code) == nil) }
    }

    @Test("a database that can't be asked is out of service, one that refuses a statement is a bug")
    func database() {
        #expect(Instance.apiError(for: DatabaseError.unavailable("away")) == .serviceUnavailable)
        #expect(Instance.apiError(for: DatabaseError.uniqueViolation("x"))?.kind == .alreadyExists)
        #expect(Instance.apiError(for: DatabaseError.statement(sql: "SELECT", message: "no")) == nil)
    }
}

import Crypto
import Foundation
import Kernel

/// A code for the day on which the phone is gone: `ABCD-EFGH-2345-6789`, 80 random bits, good once.
struct BackupCode: Sendable {
    static let count = 10

    let text: String

    /// 16 digits of base 32, in groups.
    static func make(_ randomness: any Randomness) -> BackupCode {
        let digits = Array(Base32.encode(randomness.bytes(10)))
        let groups = stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }
        return BackupCode(text: groups.joined(separator: "-"))
    }

    /// What is stored. So many random bits need no slow hash; the user's id keeps equal codes apart.
    static func hash(_ text: String, of user: UserID) -> [UInt8] {
        let digits = text.uppercased().filter { $0 != "-" && $0 != " " }
        return Array(SHA256.hash(data: Data("\(user):\(digits)".utf8)))
    }
}

import Crypto
import Foundation
import Kernel

/// Codes that an authenticator app shows: six digits, a new one every 30 seconds (RFC 6238, on HMAC-SHA-1, which is what
/// every app knows).
struct TimeBasedCode: Sendable {
    static let digits = 6
    static let step_s: Int64 = 30
    /// Clocks may differ by one step (RFC 6238, section 5.2).
    static let drift: Int64 = 1
    /// The length of the hash, as RFC 4226, section 4, recommends.
    static let secret_bytes = 20

    let secret: [UInt8]

    static func step(at moment: Timestamp) -> Int64 { moment.seconds / step_s }

    /// The code of a step (RFC 4226, section 5.3).
    func code(at step: Int64) -> String {
        let message = withUnsafeBytes(of: step.bigEndian) { Data($0) }
        let digest = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(digest[19] & 0xF)
        let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The step that a code is of, if it is one of those around now that come after the last one used: a code works once.
    func step(of code: String, at moment: Timestamp, after lastStep: Int64) -> Int64? {
        let now = Self.step(at: moment)
        // Every step is looked at, whichever matches, so that the time says nothing.
        return (now - Self.drift...now + Self.drift).reduce(nil) { found, step in
            Self.areEqual(self.code(at: step), code) && step > lastStep ? step : found
        }
    }

    private static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What an authenticator app reads from a QR code (the Key Uri Format of Google Authenticator).
    func uri(issuer: String, account: String) -> String {
        let escape = { (text: String) in
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
                ?? text
        }
        return "otpauth://totp/\(escape(issuer)):\(escape(account))?secret=\(Base32.encode(secret))"
            + "&issuer=\(escape(issuer))&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.step_s)"
    }
}

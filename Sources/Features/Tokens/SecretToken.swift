import Crypto
import Foundation
import Kernel

/// A key that only its owner keeps: 32 random bytes, of which the server stores a hash.
package enum SecretToken {
    private static let length_bytes = 32

    package static func make(_ randomness: any Randomness) -> (token: String, hash: [UInt8]) {
        let token = Base64URL.encode(randomness.bytes(length_bytes))
        return (token, hash(token))
    }

    package static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Data(token.utf8))) }
}

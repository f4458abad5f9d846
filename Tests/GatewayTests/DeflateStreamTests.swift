import Kernel
import NIOCore
import Testing

@testable import Gateway

@Suite struct DeflateStreamTests {
    @Test func `messages come out of the stream one by one, as they went in`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed of the zlib test: \(seed)")
        var random = RandomnessGenerator(source: SeededRandomness(seed: seed))
        let deflate = try #require(DeflateStream())
        let inflate = InflateStream()
        for _ in 0..<200 {
            // From one byte to far beyond the window, both repetitive and not.
            let length = [1, 2, 30, 600, 5000, 70_000].randomElement(using: &random) ?? 1
            let alphabet = UInt8.random(in: 1...255, using: &random)
            let message = (0..<length).map { _ in UInt8.random(in: 0...alphabet, using: &random) }
            var frame = message.withUnsafeBytes(deflate.frame)
            let payload = try #require(Self.payload(&frame))
            #expect(payload.suffix(4) == DeflateStream.flushMarker)
            try #require(inflate.message(payload) == message, "seed \(seed)")
        }
    }

    @Test func `what repeats becomes small`() throws {
        let deflate = try #require(DeflateStream())
        let message = Array(String(repeating: #"{"op":0,"t":"MESSAGE_CREATE"}"#, count: 30).utf8)
        _ = message.withUnsafeBytes(deflate.frame)
        #expect(message.withUnsafeBytes(deflate.frame).readableBytes < message.count / 10)
    }

    /// The payload of a binary frame.
    private static func payload(_ frame: inout ByteBuffer) -> [UInt8]? {
        guard frame.readInteger(as: UInt8.self) == 0x82, let short = frame.readInteger(as: UInt8.self) else {
            return nil
        }
        let length: Int? =
            switch short {
            case 126: frame.readInteger(as: UInt16.self).map(Int.init)
            case 127: frame.readInteger(as: UInt64.self).map(Int.init)
            default: Int(short)
            }
        guard length == frame.readableBytes else { return nil }
        return frame.readBytes(length: frame.readableBytes)
    }
}

import Foundation

/// A picture in 28 characters (blurha.sh): the first few waves of its cosine transform, in base 83.
enum BlurHash {
    private static let (columns, rows) = (4, 3)
    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~")

    /// Red, green and blue as light adds up, each from 0 to 1.
    private typealias Light = SIMD3<Double>

    private struct Pixels {
        let width: Int
        let height: Int
        let lights: [Light]
    }

    /// - Parameter portablePixmap: a binary PPM or PGM file with one byte a sample.
    /// - Returns: nil for anything else.
    static func encode(portablePixmap bytes: [UInt8]) -> String? { pixels(bytes).map(encode) }

    private static func encode(_ pixels: Pixels) -> String {
        var waves: [Light] = []
        for row in 0..<rows {
            for column in 0..<columns { waves.append(wave(column, row, pixels)) }
        }
        let rest = waves.dropFirst()
        let loudest = rest.map { max(abs($0.x), abs($0.y), abs($0.z)) }.max() ?? 0
        let volume = max(0, min(82, Int((loudest * 166 - 0.5).rounded(.down))))
        let scale = Double(volume + 1) / 166
        return base83((columns - 1) + (rows - 1) * 9, length: 1) + base83(volume, length: 1)
            + base83(average(waves[0]), length: 4) + rest.map { base83(deviation($0, scale), length: 2) }.joined()
    }

    private static func wave(_ column: Int, _ row: Int, _ pixels: Pixels) -> Light {
        let horizontal = (0..<pixels.width).map { cos(.pi * Double(column * $0) / Double(pixels.width)) }
        let vertical = (0..<pixels.height).map { cos(.pi * Double(row * $0) / Double(pixels.height)) }
        var sum = Light()
        for y in 0..<pixels.height {
            for x in 0..<pixels.width { sum += pixels.lights[y * pixels.width + x] * (horizontal[x] * vertical[y]) }
        }
        return sum * ((column + row == 0 ? 1 : 2) / Double(pixels.width * pixels.height))
    }

    private static func average(_ light: Light) -> Int {
        (sample(light.x) << 16) + (sample(light.y) << 8) + sample(light.z)
    }

    private static func deviation(_ light: Light, _ scale: Double) -> Int {
        func step(_ value: Double) -> Int {
            let root = (abs(value) / scale).squareRoot() * (value < 0 ? -1 : 1)
            return max(0, min(18, Int((root * 9 + 9.5).rounded(.down))))
        }
        return (step(light.x) * 19 + step(light.y)) * 19 + step(light.z)
    }

    private static func base83(_ number: Int, length: Int) -> String {
        var (number, text) = (number, "")
        for _ in 0..<length {
            text = String(digits[number % 83]) + text
            number /= 83
        }
        return text
    }

    // MARK: sRGB (IEC 61966-2-1)

    private static func light(_ sample: UInt8) -> Double {
        let value = Double(sample) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func sample(_ light: Double) -> Int {
        let light = max(0, min(1, light))
        let value = light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055
        return Int((value * 255).rounded())
    }

    // MARK: Netpbm

    private static func pixels(_ bytes: [UInt8]) -> Pixels? {
        var position = 2
        func number() -> Int? {
            while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
            if position < bytes.count, bytes[position] == UInt8(ascii: "#") {
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
                return number()
            }
            let digits = bytes[min(position, bytes.count)...].prefix { (0x30...0x39).contains($0) }
            position += digits.count
            return Int(String(decoding: digits, as: UTF8.self))
        }
        let isColoured = bytes.starts(with: Array("P6".utf8))
        guard isColoured || bytes.starts(with: Array("P5".utf8)), let width = number(), let height = number(),
            number() == 255, (1...1024).contains(width), (1...1024).contains(height)
        else { return nil }
        position += 1
        let samples = isColoured ? 3 : 1
        guard bytes.count >= position + width * height * samples else { return nil }
        let table = (0...255).map { light(UInt8($0)) }
        let lights = (0..<width * height).map { index in
            let at = position + index * samples
            return Light(
                table[Int(bytes[at])], table[Int(bytes[at + (isColoured ? 1 : 0)])],
                table[Int(bytes[at + (isColoured ? 2 : 0)])])
        }
        return Pixels(width: width, height: height, lights: lights)
    }
}

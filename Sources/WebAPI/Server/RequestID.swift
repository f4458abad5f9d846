/// The name of a request in answers and in the log: 16 hexadecimal digits.
enum RequestID {
    static func make() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

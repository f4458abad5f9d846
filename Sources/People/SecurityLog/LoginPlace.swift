import Kernel

/// Where somebody logs in from, so roughly that it stays the same as long as the person does: the neighbourhood of the address
/// (/24, or /48 of IPv6) and the browser, whatever its version.
struct LoginPlace: Hashable, Sendable {
    private let block: [UInt8]
    private let browser: String

    init(address: String, userAgent: String?) {
        let bytes = AddressRanges.bytes(address)
        let isIPv4 = bytes?[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        block = bytes.map { Array($0.prefix(isIPv4 ? 15 : 6)) } ?? Array(address.utf8)
        browser = (userAgent ?? "").filter { !$0.isNumber && $0 != "." }
    }
}

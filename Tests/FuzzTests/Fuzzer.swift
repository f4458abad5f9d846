import Foundation

/// The program that `scripts/fuzz` builds: libFuzzer brings `main`, and calls this for all that it thinks of.
private enum Fuzzer {
    /// Which parser, by the environment: libFuzzer takes the arguments for itself.
    static let parser: FuzzedParser = {
        let name = ProcessInfo.processInfo.environment["AVIARY_FUZZ"] ?? ""
        guard let parser = FuzzedParser(rawValue: name) else {
            let names = FuzzedParser.allCases.map(\.rawValue).joined(separator: ", ")
            fatalError("AVIARY_FUZZ has to be one of: \(names)")
        }
        return parser
    }()
}

@c(LLVMFuzzerTestOneInput)
public func read(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(FuzzedParser.BrokenRule) {
        try Fuzzer.parser.read(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        // libFuzzer keeps what a program ends by.
        fatalError("broken: \(error)")
    }
    return 0
}

import Glibc

/// The name that this machine has for itself, by which an operator knows it; a container has one of its own.
enum MachineName {
    /// Of at most 64 bytes (gethostname(2)); nil where there is none. Nobody is asked over the network.
    static let own: String? = {
        var name = [CChar](repeating: 0, count: 65)
        guard gethostname(&name, name.count) == 0, name[0] != 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}

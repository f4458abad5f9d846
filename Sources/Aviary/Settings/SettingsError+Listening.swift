import Features
import Glibc
import NIOCore

extension SettingsError {
    /// What keeps the program from listening on an address, in the words of the settings that say which one; nil for anything else.
    init?(listening error: any Error, on host: Setting, _ port: Setting, of settings: LoadedSettings) {
        let address = "\(settings.text(host)):\(settings.integer(port))"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: self.init("\(port.key): something else listens on \(address) already")
        case EACCES: self.init("\(port.key): this account may not listen on \(address)")
        case EADDRNOTAVAIL: self.init("\(host.key): this machine has no address \(settings.text(host))")
        default: return nil
        }
    }
}

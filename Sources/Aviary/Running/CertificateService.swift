import Logging
import ServiceLifecycle
import UnixSignals
import WebAPI

/// Reads the certificate again on SIGHUP, as programs that renew certificates send it.
struct CertificateService: Service {
    let certificates: CertificateStore
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { reload() }
        }
    }

    private func reload() {
        do {
            try certificates.reload()
            logger.notice("the certificate was read again")
        } catch {
            logger.error("the old certificate stays in use", metadata: ["error": "\(error)"])
        }
    }
}

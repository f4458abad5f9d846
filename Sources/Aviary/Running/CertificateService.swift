import Glibc
import Logging
import ServiceLifecycle
import UnixSignals
import WebAPI

/// Reads the certificate again on SIGHUP, as programs that renew certificates send it.
struct CertificateService: Service {
    private let certificates: CertificateStore
    private let logger: Logger

    init(certificates: CertificateStore, logger: Logger) {
        self.certificates = certificates
        self.logger = logger
        // Services run a moment after the server is there, and what came before that would end it.
        _ = signal(SIGHUP, SIG_IGN)
    }

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

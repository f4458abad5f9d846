import Chat
import Database
import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Keeps this node's number, and looks at what has to be the same for all nodes: the time, and where files are.
struct LeaseService: Service {
    /// This machine's clock beside the database's.
    private enum Time {
        case right
        case wrong
        /// So much that no traffic should be led here.
        case refused

        init(ahead skew: Duration) {
            let distance = max(skew, .zero - skew)
            self = distance > Cluster.refusedSkew ? .refused : distance > Cluster.noticedSkew ? .wrong : .right
        }
    }

    private static let pauseAfterFailure = Duration.seconds(5)

    let lease: WorkerLease
    let ids: Snowflakes
    let database: any SQLDatabase
    /// The machine's own.
    let clock: any WallClock
    /// The folder of files; nil where they are in a bucket.
    let files: FileFolder?
    let state: SystemState
    let logger: Logger
    /// What the node says of itself, but for its clock.
    let report: @Sendable (_ skew: Duration) async throws -> NodeReport
    private let lastSkew = NIOLockedValueBox(Duration.zero)
    private let skew = Gauge(label: "clock_skew_to_database_seconds")
    private let position = Gauge(label: "log_position")
    private let leads = Gauge(label: "leads")
    private let time = NIOLockedValueBox(Time.right)
    private let place = NIOLockedValueBox(FilePlace())

    init(
        lease: WorkerLease, ids: Snowflakes, database: any SQLDatabase, clock: any WallClock,
        files: FileFolder?, state: SystemState, logger: Logger,
        report: @escaping @Sendable (_ skew: Duration) async throws -> NodeReport
    ) {
        self.lease = lease
        self.ids = ids
        self.database = database
        self.clock = clock
        self.files = files
        self.state = state
        self.logger = logger
        self.report = report
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let pause = await renew() ? WorkerLease.renewal : Self.pauseAfterFailure
                try? await Task.sleep(for: pause)
            }
        }
        try? await lease.giveBack(to: database)
    }

    private func renew() async -> Bool {
        do {
            let report = try await report(lastSkew.withLockedValue { $0 })
            position.record(report.position)
            leads.record(report.leads ? 1 : 0)
            let renewal = try await lease.renew(in: database, clock: clock, reporting: report) { number in
                // Whoever had it before may have a clock that is ahead.
                ids.change(worker: number, after: try await InstanceSettings.newestIdentifier(in: database))
                logger.warning("this node has a new number", metadata: ["number": "\(number)"])
            }
            state.setObstacle(.number, nil)
            lastSkew.withLockedValue { $0 = renewal.skew }
            judge(renewal)
            return true
        } catch let taken as WorkerLease.Taken {
            if state.setObstacle(.number, "\(taken)") { logger.error("\(taken): nothing is written meanwhile") }
            return false
        } catch is CancellationError {
            return false
        } catch {
            logger.warning("this node's number can't be renewed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func judge(_ renewal: WorkerLease.Renewal) {
        skew.record(renewal.skew / .seconds(1))
        tell(of: renewal.skew)
        let (isStranger, isNews) = place.withLockedValue { $0.judge(renewal) }
        let lost = files?.isGone(at: .now) == true ? "the folder of files is gone, or another one is in its place" : nil
        let isOther = state.setObstacle(.files, lost ?? (isStranger ? "other nodes keep files elsewhere" : nil))
        if let lost, isOther { logger.error("\(lost): nobody is led here meanwhile") }
        if isNews {
            logger.error(
                "nodes keep files in different places, so that each serves only some: set media.store to the same S3 bucket on all, or share the folder and set media.shared_folder"
            )
        }
    }

    private func tell(of skew: Duration) {
        let ahead_s = Double(skew.wholeMilliseconds) / 1000
        let time = Time(ahead: skew)
        let distance_s = Int(abs(ahead_s).rounded())
        state.setObstacle(
            .clock, time == .refused ? "this machine's clock differs from the database's by \(distance_s) seconds" : nil
        )
        let isNews = self.time.withLockedValue { told in
            defer { told = time }
            return told != time
        }
        guard isNews else { return }
        let metadata: Logger.Metadata = ["ahead_by_seconds": "\(ahead_s)"]
        switch time {
        case .right: break
        case .wrong: logger.warning("this machine's clock is not the database's: set both by NTP", metadata: metadata)
        case .refused:
            logger.error(
                "this machine's clock is so wrong that it takes no traffic: set it and the database's by NTP",
                metadata: metadata)
        }
    }
}

import Foundation
import Kernel

/// What the clocks of a time zone show. Wall time is counted in seconds, as if it were UTC.
struct WallTime: Sendable {
    static let day_s: Int64 = 86_400

    private let zone: TimeZone

    /// - Parameter name: of the IANA's. One that this machine does not know any more is read as UTC.
    init(_ name: String) { zone = TimeZone(identifier: name) ?? .gmt }

    /// How far the zone is ahead of UTC.
    func offset_s(at moment_s: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment_s))))
    }

    func shown(at moment: Timestamp) -> Int64 { moment.seconds + offset_s(at: moment.seconds) }

    /// When the clocks show a time: the first time if they do twice. Where they are put forward over it, what it would have been
    /// without that (RFC 5545, section 3.3.5).
    func moment(showing wall_s: Int64) -> Timestamp {
        let before = offset_s(at: wall_s - Self.day_s)
        let after = offset_s(at: wall_s + Self.day_s)
        let isLater = offset_s(at: wall_s - before) != before && offset_s(at: wall_s - after) == after
        return Timestamp(seconds: wall_s - (isLater ? after : before))
    }
}

import Community
import Foundation
import Kernel

/// When somebody is to be written to, and up to where they were.
struct MailPlan: Sendable, Equatable {
    let user: UserID
    /// When to look whether there is something to write; nil: when something happens.
    var dueAt: Timestamp?
    /// The digest that is due; nil for a mail of what was missed.
    var plannedAt: Timestamp?
    /// What was there then was written of, or read.
    var coveredAt: Timestamp
    var sentAt: Timestamp?
    var attempts = 0
    /// What the address for taking back one's wish for mails ends with.
    let token: String
    /// Somebody writes to them until then, or has ended.
    var takenUntil: Timestamp?

    static let delay = Duration.seconds(15 * 60)
    /// Of what was missed they are told no more often.
    static let interval = Duration.seconds(3600)
    private static let monday = 2

    /// When a mail of what happens now may leave.
    func momentForMissed(since moment: Timestamp) -> Timestamp {
        max(moment + Self.delay, sentAt.map { $0 + Self.interval } ?? moment)
    }

    /// The next digest after a moment; nil for who wants none.
    static func digest(
        after moment: Timestamp, _ preferences: NotificationPreferences, in timeZone: TimeZone
    ) -> Timestamp? {
        var time = DateComponents(hour: preferences.digestHour, minute: 0, second: 0)
        switch preferences.mail {
        case .off, .missed: return nil
        case .daily: break
        case .weekly: time.weekday = monday
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let date = Date(timeIntervalSince1970: Double(moment.seconds))
        // Where a clock is set forward over the hour, the next one that it shows counts.
        return calendar.nextDate(after: date, matching: time, matchingPolicy: .nextTime).map {
            Timestamp(seconds: Int64($0.timeIntervalSince1970))
        }
    }
}

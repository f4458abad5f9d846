import Database
import Features
import Kernel

extension Letters: Feature {
    package static let tables: [Table] = [
        Table(
            "letters",
            [
                .id("id"), .text("kind"), .id("user_id"), .withheld("address"), .withheld("details"),
                .time("created_at"), .time("due_at"), .number("taken_until"), .number("attempts"),
            ], exports: [.withheld("what is on its way, until it is sent")], erasure: [.deleted(of: ["user_id"])])
    ]

    package var dueWork: [BackgroundStep] {
        [
            BackgroundStep(repeated: "whose letters are", assign),
            BackgroundStep("letters in line", trim),
        ]
    }

    package var upkeep: [BackgroundStep] { [BackgroundStep("letters that nobody sent", forgetOld)] }

    package static var caps: [Cap] {
        [
            Cap(
                "letters that wait for the mail server", per: .instance, maximumWaiting, .leftOut,
                "counted each second")
        ]
    }
}

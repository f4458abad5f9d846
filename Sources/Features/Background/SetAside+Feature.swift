import Database
import Kernel

extension SetAside: Feature {
    package static let tables: [Table] = [
        Table(
            "set_aside_rows",
            [
                .text("step"), .text("item"), .number("failures"), .text("error"), .time("failed_at"),
                .time("retry_at"),
            ], key: [], exports: [.withheld("ids and faults of the program, for days")],
            erasure: [.kept("forgotten three days after the last failure")])
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "rows set aside", tidy)] }
}

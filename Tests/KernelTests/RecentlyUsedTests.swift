import Kernel
import Testing

@Suite("What was used last")
struct RecentlyUsedTests {
    @Test("what is used goes on being there, whatever else is asked for once")
    func used() {
        var kept = RecentlyUsed<Int, String>(maximumWeight: 20)
        kept.keep("often", for: -1, weighing: 1)
        for key in 0..<1000 {
            kept.keep("once", for: key, weighing: 1)
            #expect(kept.value(for: -1) == "often")
            #expect(kept.value(for: key) == "once")
        }
        #expect(kept.value(for: 0) == nil)
    }

    @Test("no more is kept than is allowed", arguments: [1, 3, 7])
    func bounded(weight: Int) {
        var kept = RecentlyUsed<Int, Int>(maximumWeight: 20)
        for key in 0..<100 {
            kept.keep(key, for: key, weighing: weight)
            if key % 3 == 0 { _ = kept.value(for: key / 2) }
            #expect(kept.count * weight <= 20)
        }
        #expect(kept.count > 0)
    }

    @Test("what is kept again takes the place of what was there, and what is too heavy of nothing else")
    func again() {
        var kept = RecentlyUsed<String, Int>(maximumWeight: 20)
        for value in 0..<100 { kept.keep(value, for: "a", weighing: 6) }
        #expect(kept.value(for: "a") == 99 && kept.count == 1)
        kept.keep(1, for: "b", weighing: 4)
        kept.keep(2, for: "a", weighing: 11)
        #expect(kept.value(for: "a") == nil && kept.value(for: "b") == 1)
        kept.keep(3, for: "a", weighing: 6)
        #expect(kept.value(for: "a") == 3 && kept.value(for: "b") == 1)
    }
}

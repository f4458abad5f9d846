import Kernel
import Testing

@Suite("Versions")
struct VersionTests {
    @Test(
        "well-formed versions are read and written back", arguments: ["a.0.9-1", "b.1.0-12", "c.12.345-6", "r.2.0-1"])
    func wellFormed(text: String) { #expect(Version(text)?.description == text) }

    @Test(
        "anything else is none",
        arguments: [
            "", "a", "a.1.0", "a.1.0-0", "d.1.0-1", "a.01.0-1", "a.1.0-01", "a.1.0-1-1", "a.1.0.0-1", " a.1.0-1",
            "a.+1.0-1",
            "a.1.-0-1", "A.1.0-1", "a.1.0-9999999999", "a.١.0-1", "a..0-1",
        ])
    func malformed(text: String) { #expect(Version(text) == nil) }

    @Test("versions are ordered by stage, major, minor, build")
    func order() {
        let sorted = ["a.0.9-1", "a.1.0-1", "a.1.0-2", "a.1.1-1", "a.2.0-1", "b.0.0-1", "c.0.1-1", "r.0.0-1"]
        #expect(sorted.reversed().compactMap { Version($0) }.sorted().map(\.description) == sorted)
    }
}

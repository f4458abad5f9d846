import Testing

@testable import WebAPI

@Suite struct QueryTextTests {
    @Test(
        "A query is read as browsers write it",
        arguments: [
            ("q=heron+reeds", [("q", "heron reeds")]),
            ("q=a%2Bb&limit=5", [("q", "a+b"), ("limit", "5")]),
            ("q=%E6%9D%B1%E4%BA%AC", [("q", "東京")]),
            ("a=1&a=2", [("a", "1"), ("a", "2")]),
            ("flag&b=", [("flag", ""), ("b", "")]),
            ("q=x=y", [("q", "x=y")]),
            ("q=100%", [("q", "100%")]),
            ("", []),
        ] as [(String, [(String, String)])])
    func read(query: String, expected: [(String, String)]) {
        let read = QueryText.parameters(of: query)
        #expect(read.map(\.name) == expected.map(\.0))
        #expect(read.map(\.value) == expected.map(\.1))
    }
}

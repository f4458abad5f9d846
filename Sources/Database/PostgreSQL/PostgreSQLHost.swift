import CPostgreSQL

/// One of the servers that a URL names.
struct PostgreSQLHost {
    /// As libpq calls them: `host`, `hostaddr`, `port`.
    let parameters: [(String, String)]

    /// - Returns: none for a URL that libpq can't read, or that names none.
    static func all(in url: String) -> [PostgreSQLHost] {
        guard let options = PQconninfoParse(url, nil) else { return [] }
        defer { PQconninfoFree(options) }
        var lists: [(name: String, values: [Substring])] = []
        var option = options
        while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
            if ["host", "hostaddr", "port"].contains(keyword), let value = option.pointee.val {
                lists.append((keyword, String(cString: value).split(separator: ",", omittingEmptySubsequences: false)))
            }
            option += 1
        }
        let count = lists.filter { $0.name != "port" }.map(\.values.count).max() ?? 0
        return (0..<count).map { index in
            // One port is that of all hosts.
            PostgreSQLHost(
                parameters: lists.compactMap { list in
                    (list.values.indices.contains(index) ? list.values[index] : list.values.last)
                        .map { (list.name, String($0)) }
                })
        }
    }
}

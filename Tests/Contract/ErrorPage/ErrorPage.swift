import Foundation

/// The error page, as its author wrote it: `error-page.txt` beside this file, word for word.
struct ErrorPage: Sendable {
    /// A row of one of its tables of messages.
    struct Row: Hashable, Sendable, CustomStringConvertible {
        let status: Int
        /// A message or, among the version errors, a code.
        let text: String

        var description: String { "\(status) \(text)" }
    }

    let lines: [String]

    static let standard: ErrorPage = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "error-page.txt")
        // Without the file there are no rows, which a test of the page itself would notice.
        let text = try? String(contentsOf: file, encoding: .utf8)
        return ErrorPage(lines: (text ?? "").components(separatedBy: "\n"))
    }()

    private static func cells(_ line: String) -> [String]? {
        guard line.hasPrefix("|"), line.hasSuffix("|") else { return nil }
        return line.dropFirst().dropLast().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The status codes with their descriptions.
    var statuses: [Int: String] {
        var statuses: [Int: String] = [:]
        for line in lines {
            if let cells = Self.cells(line), cells.count == 2, let code = Int(cells[0]) { statuses[code] = cells[1] }
        }
        return statuses
    }

    /// Every message of the tables below a heading like `Permission Errors (403)`, and every version code.
    var rows: [Row] {
        var rows: [Row] = []
        var status: Int?
        for line in lines {
            if let heading = line.firstMatch(of: /^[A-Za-z ]+ Errors \(([0-9]{3})\)$/) {
                status = Int(heading.output.1)
            } else if line == "Version Errors" {
                status = nil
            } else if let cells = Self.cells(line), cells[0] != "Message", cells[0] != "Field", cells[0] != "Code" {
                if cells.count == 3, let own = Int(cells[1]) {
                    rows.append(Row(status: own, text: cells[0]))
                } else if let status, cells.count == 2, status != 429 {
                    rows.append(Row(status: status, text: cells[0]))
                }
            }
        }
        return rows
    }

    /// The text between two lines, without them; nil when there is no such stretch.
    func stretch(after first: String, before last: String?) -> [String]? {
        guard let start = lines.firstIndex(of: first) else { return nil }
        let rest = lines[(start + 1)...]
        guard let last else { return Array(rest) }
        return rest.firstIndex(of: last).map { Array(rest[..<$0]) }
    }

    /// The JSON example that begins on the line after `heading`.
    func example(after heading: String) -> String? {
        guard let start = lines.firstIndex(of: heading) else { return nil }
        let rest = lines[(start + 1)...]
        guard
            let end = rest.indices.first(where: { index in
                let text = rest[...index].joined()
                return text.count { $0 == "{" } == text.count { $0 == "}" }
            })
        else { return nil }
        return rest[...end].joined(separator: "\n")
    }
}

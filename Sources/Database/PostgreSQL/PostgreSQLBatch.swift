/// Questions of a group that differ in their values alone, as one statement: PostgreSQL runs them in a loop over the values, which
/// takes a fraction of what a statement for each would take, there and here.
///
/// ```sql
/// SELECT v.number, answer.* FROM unnest($1::bigint[]) WITH ORDINALITY AS v (v1, number)
/// CROSS JOIN LATERAL (SELECT * FROM (SELECT name FROM users WHERE id = v.v1) AS question OFFSET 0) AS answer
/// ORDER BY v.number
/// ```
///
/// `OFFSET 0` keeps the planner from making a join of it, for which it would read whole tables: each question is planned as if it
/// were alone. The numbers come in order by themselves, and the rows of each in the order of the question.
struct PostgreSQLBatch {
    let statement: Questions.Statement
    /// The places of the questions.
    let places: [Int]

    /// How a value is handed over in a list, and what is made of it again there.
    private enum Form {
        case integers, flags, texts, integerLists, textLists

        /// Nil for what is asked by itself: a NULL has no type, and the rest nobody asks for.
        init?(_ value: SQLValue) {
            switch value {
            case .integer: self = .integers
            case .bool: self = .flags
            case .text(let text):
                // Told apart from what could not be stored, so that it fails by itself.
                guard !text.utf8.contains(0) else { return nil }
                self = .texts
            case .integers: self = .integerLists
            case .texts(let texts):
                guard !texts.contains(where: { $0.utf8.contains(0) }) else { return nil }
                self = .textLists
            case .null, .double, .bytes: return nil
            }
        }

        var listType: String {
            switch self {
            case .integers: "bigint[]"
            case .flags: "boolean[]"
            case .texts, .integerLists, .textLists: "text[]"
            }
        }

        /// What stands for the placeholder.
        func spelling(_ number: Substring) -> String {
            switch self {
            case .integers, .flags, .texts: "v.v\(number)"
            case .integerLists: "v.v\(number)::bigint[]"
            case .textLists: "v.v\(number)::text[]"
            }
        }
    }

    /// Puts together what differs in its values alone.
    static func batches(of questions: [Questions.Statement]) -> [PostgreSQLBatch] {
        var order: [StaticSQL] = []
        var places: [StaticSQL: [Int]] = [:]
        for (place, question) in questions.enumerated() {
            if places[question.sql] == nil { order.append(question.sql) }
            places[question.sql, default: []].append(place)
        }
        return order.flatMap { sql in
            let places = places[sql] ?? []
            if places.count > 1, let whole = together(places.map { questions[$0] }) {
                return [PostgreSQLBatch(statement: whole, places: places)]
            }
            return places.map { PostgreSQLBatch(statement: questions[$0], places: [$0]) }
        }
    }

    private static func together(_ questions: [Questions.Statement]) -> Questions.Statement? {
        guard let first = questions.first, first.sql.text.hasPrefix("SELECT"), !first.values.isEmpty else { return nil }
        let lists = first.values.indices.map { index in questions.compactMap { $0.values[index...].first } }
        var forms: [Form] = []
        for list in lists {
            guard list.count == questions.count, let form = list.first.flatMap(Form.init),
                list.allSatisfy({ Form($0) == form })
            else { return nil }
            forms.append(form)
        }
        return (sql(first.sql, forms), lists.map(SQLValue.list(of:)))
    }

    private static func sql(_ question: StaticSQL, _ forms: [Form]) -> StaticSQL {
        let lists = forms.enumerated().map { "$\($0 + 1)::\($1.listType)" }.joined(separator: ", ")
        let names = forms.indices.map { "v\($0 + 1)" }.joined(separator: ", ")
        let parts = question.text.split(separator: "$", omittingEmptySubsequences: false)
        let body = parts.dropFirst().reduce(into: String(parts[0])) { text, part in
            let number = part.prefix { "0"..."9" ~= $0 }
            guard let index = Int(number), forms.indices ~= index - 1 else { return text += "$\(part)" }
            text += forms[index - 1].spelling(number) + part.dropFirst(number.count)
        }
        return StaticSQL(
            generated: """
                SELECT v.number, answer.* FROM unnest(\(lists)) WITH ORDINALITY AS v (\(names), number)
                CROSS JOIN LATERAL (SELECT * FROM (\(body)) AS question OFFSET 0) AS answer ORDER BY v.number
                """)
    }

    /// What each of the questions is answered, in their order.
    func answers(_ result: PostgreSQLResult) throws(DatabaseError) -> [PostgreSQLAnswer] {
        guard places.count > 1 else { return [PostgreSQLAnswer(result)] }
        let numbers = PostgreSQLColumns(result)
        var next: Int32 = 0
        let answers = places.indices.map { index in
            let start = next
            while next < result.rowCount, numbers.number(ofRow: next) == index + 1 { next += 1 }
            return PostgreSQLAnswer(result, rows: start..<next, firstColumn: 1)
        }
        // Else something was answered that nobody has asked, and so perhaps to somebody else.
        guard next == result.rowCount else {
            throw .statement(sql: statement.sql.text, message: "more was answered than was asked")
        }
        return answers
    }
}

extension SQLValue {
    /// Values of one kind, as one list.
    fileprivate static func list(of values: [SQLValue]) -> SQLValue {
        let integers = values.compactMap { if case .integer(let value) = $0 { value } else { nil } }
        return integers.count == values.count ? .integers(integers) : .texts(values.map(\.postgreSQLText))
    }
}

extension PostgreSQLColumns {
    /// Of the question that a row answers.
    fileprivate func number(ofRow row: Int32) -> Int {
        self.row = row
        return Int(integer(0))
    }
}

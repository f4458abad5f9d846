import Features
import Kernel

/// What somebody says of their age, as it came: where nobody asks, it does not matter what it is.
struct AgeStatement: Sendable {
    let isOldEnough: JSON?
    let age: JSON?
    let dateOfBirth: JSON?

    static let input = JSONInput(
        "AgeStatement",
        .optional("age_verified", unread(.boolean)),
        .optional("age", unread(.integer(range: 0...Int64(AgeGate.oldest)))),
        .optional("dob", unread(.string(length: 10...10, format: "date"))),
        make: { (isOldEnough, age, dateOfBirth) throws(APIError) in
            AgeStatement(isOldEnough: isOldEnough, age: age, dateOfBirth: dateOfBirth)
        })

    private static func unread(_ schema: JSONSchema) -> JSONReader<JSON> { JSONReader(schema) { .success($0) } }
}

/// How somebody has shown to be old enough. It is kept, what they said is not.
package enum AgeProof: String, Sendable {
    case declaration
    case age
    case dateOfBirth = "date_of_birth"
}

/// How old one has to be for an account (contract: REST, Age at registration).
struct AgeGate: Sendable {
    static let oldest = 150

    let kind: ChatConfiguration.AgeGate
    let minimumAge: Int

    init(_ configuration: ChatConfiguration) { (kind, minimumAge) = (configuration.ageGate, configuration.minimumAge) }

    /// - Returns: nil where nobody asks.
    /// - Throws: `.invalidInput` for what is missing or impossible, `.ageRequirementNotMet`.
    func check(_ statement: AgeStatement, at now: Timestamp) throws(APIError) -> AgeProof? {
        switch kind {
        case .off: nil
        case .boolean: try declared(statement)
        case .dob: try born(statement.dateOfBirth?.string, now)
        }
    }

    private func declared(_ statement: AgeStatement) throws(APIError) -> AgeProof {
        if let age = statement.age {
            guard let age = age.integer, (0...Int64(Self.oldest)).contains(age) else {
                throw .invalidInput("age", "must be a number of years")
            }
            return try require(Int(age), .age)
        }
        guard let isOldEnough = statement.isOldEnough?.bool else {
            throw .invalidInput("age_verified", "is required: true for somebody of \(minimumAge) years or more")
        }
        guard isOldEnough else { throw APIError(.ageRequirementNotMet) }
        return .declaration
    }

    private func born(_ text: String?, _ now: Timestamp) throws(APIError) -> AgeProof {
        guard let text else { throw .invalidInput("dob", "is required: a date as YYYY-MM-DD") }
        guard let years = CalendarDay(iso8601: text)?.years(until: CalendarDay(of: now)),
            (0...Self.oldest).contains(years)
        else { throw .invalidInput("dob", "must be a date of birth as YYYY-MM-DD") }
        return try require(years, .dateOfBirth)
    }

    private func require(_ age: Int, _ proof: AgeProof) throws(APIError) -> AgeProof {
        guard age >= minimumAge else { throw APIError(.ageRequirementNotMet) }
        return proof
    }
}

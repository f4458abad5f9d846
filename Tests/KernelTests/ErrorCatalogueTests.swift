import Kernel
import Testing

@Suite("The error catalogue")
struct ErrorCatalogueTests {
    /// The rows of the error page: status and message.
    static let page: [(status: Int, message: String)] =
        rows(
            401,
            "Authentication required|Invalid token|Token expired|Invalid credentials|Invalid code|Expired token")
        + rows(
            403,
            "Access denied|Permission denied|Account locked|Admin access required|Cannot message this user")
        + rows(
            400,
            """
            Invalid input|Invalid user ID|Invalid channel ID|Invalid server ID|Invalid message ID|Weak password|\
            Message must have content, attachments, or embeds|File too large|Invalid file type
            """)
        + rows(
            404,
            """
            User not found|Server not found|Channel not found|Message not found|Webhook not found|Session not found|\
            Friend request not found|Relationship not found|Setting not found
            """)
        + rows(
            409,
            "Already exists|Username already taken|Email already taken|Already a member|2FA is already enabled")
        + rows(429, "Rate limited") + rows(503, "Module not available") + rows(500, "Internal server error")
        + rows(404, "Resource not found")

    private static func rows(_ status: Int, _ messages: String) -> [(Int, String)] {
        messages.split(separator: "|").map { (status, String($0)) }
    }

    @Test("every row of the error page has a case with its status and message", arguments: page)
    func everyRowHasACase(status: Int, message: String) throws {
        let kind = try #require(ErrorKind(rawValue: message))
        #expect(kind.status == status)
        let envelope = try JSONParser.parse(APIError(kind).jsonBytes)
        #expect(
            envelope
                == .object(["error": .object(["code": .integer(Int64(status)), "message": .string(message)])]))
    }

    @Test("every case is explained")
    func everyCaseIsExplained() {
        for kind in ErrorKind.allCases { #expect(kind.explanation.count > 20, "\(kind)") }
    }

    @Test("an outdated client gets the page's own example, field by field")
    func outdatedVersion() throws {
        let policy = ClientVersionPolicy(
            server: Version(.alpha, 1, 0, build: 1), minimum: Version(.alpha, 1, 0, build: 1),
            updateURL: "https://example.org/update")
        let error = #expect(throws: APIError.self) { try policy.admit("a.0.9-1") }
        #expect(error?.status == 426)
        #expect(
            try JSONParser.parse(try #require(error).jsonBytes)
                == JSONParser.parse(
                    """
                    {"error": {"code": "VERSION_OUTDATED", "message": "Client version a.0.9-1 is no longer supported",
                    "client_version": "a.0.9-1", "min_version": "a.1.0-1", "server_version": "a.1.0-1",
                    "update_url": "https://example.org/update"}}
                    """.utf8))
    }

    @Test("a malformed version is a 400 with the word of the page")
    func malformedVersion() throws {
        let policy = ClientVersionPolicy(
            server: Version(.alpha, 1, 0, build: 1), minimum: Version(.alpha, 1, 0, build: 1), updateURL: nil)
        let error = #expect(throws: APIError.self) { try policy.admit("1.2.3") }
        #expect(error?.status == 400)
        #expect(error?.kind.customCode == "INVALID_VERSION_FORMAT")
        #expect(error?.extra["client_version"] == .string("1.2.3"))
    }

    @Test("rate limits carry fractional seconds")
    func retryAfter() throws {
        let json = try JSONParser.parse(APIError.rateLimited(retryAfter_s: 1.5).jsonBytes)
        #expect(json["error"]?["retry_after"] == .number(1.5))
    }
}

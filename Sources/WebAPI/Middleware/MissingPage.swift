import HTTPTypes
import Hummingbird

/// What a browser is shown at an address at which there is nothing; programs get the error of the API.
public struct MissingPage: Sendable {
    let asset: Asset
    let headers: [(String, String)]
    /// Where only programs look: there, an error is an error.
    let prefixesOfPrograms: [String]

    public init(_ asset: Asset, headers: [(String, String)], exceptBelow prefixes: [String]) {
        self.asset = asset
        self.headers = headers
        prefixesOfPrograms = prefixes
    }
}

/// Answers with the page where the router has found no route.
struct MissingPageMiddleware: RouterMiddleware {
    let page: MissingPage
    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && isForPeople(request) {
            return page.asset.missing(request, page.headers)
        }
    }

    private func isForPeople(_ request: Request) -> Bool {
        let path = request.uri.path
        return [.get, .head].contains(request.method) && request.headers[.accept]?.contains("text/html") == true
            && !page.prefixesOfPrograms.contains { path.hasPrefix($0) } && table.methods(at: path).isEmpty
    }
}

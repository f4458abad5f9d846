import Foundation

extension DatabasePlace {
    /// The address by which the server is found at another port of this machine.
    public func url(port: UInt16) -> String {
        guard var components = URLComponents(string: address) else { return address }
        components.port = Int(port)
        return components.string ?? address
    }

    /// Lends a wire to the server of this database.
    public func withWire(
        isolation: isolated (any Actor)? = #isolation, _ body: (FaultyWire) async throws -> Void
    ) async throws {
        let port = URLComponents(string: address)?.port ?? 5432
        let wire = try FaultyWire(toPort: UInt16(port))
        defer { wire.close() }
        try await body(wire)
    }
}

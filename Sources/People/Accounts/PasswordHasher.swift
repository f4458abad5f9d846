import CArgon2
import Kernel
import NIOConcurrencyHelpers
import NIOPosix

/// Argon2id (RFC 9106) on threads of its own, so that no hash stands in the way of the event loops, and with a bound on how
/// many are computed at a time, since each takes its memory.
public final class PasswordHasher: Sendable {
    public struct Parameters: Sendable, Equatable {
        public var memory_KiB: Int
        public var passes: Int
        public var lanes: Int

        public init(memory_KiB: Int = 64 * 1024, passes: Int = 3, lanes: Int = 2) {
            self.memory_KiB = memory_KiB
            self.passes = passes
            self.lanes = lanes
        }
    }

    private static let salt_bytes = 16
    private static let hash_bytes = 32

    private let parameters: Parameters
    private let randomness: any Randomness
    private let threads: NIOThreadPool
    private let queue: NIOLockedValueBox<HashingQueue<CheckedContinuation<Void, any Error>>>
    /// What a login for an unknown account is checked against, so that it takes as long as any other.
    private let decoy = NIOLockedValueBox<String?>(nil)

    public init(_ parameters: Parameters, concurrency: Int, randomness: any Randomness) {
        self.parameters = parameters
        self.randomness = randomness
        self.threads = NIOThreadPool(numberOfThreads: concurrency)
        self.queue = NIOLockedValueBox(HashingQueue(concurrency: concurrency))
        threads.start()
    }

    /// The hash in its encoded form, which names its own parameters and salt.
    /// - Throws: `Service unavailable` when too many wait already.
    package func hash(_ password: Password, for purpose: HashingPurpose = .other) async throws -> String {
        try await hash(unprepared: password.prepared, for: purpose)
    }

    /// The hash of exactly this text.
    func hash(unprepared password: String, for purpose: HashingPurpose = .other) async throws -> String {
        let salt = randomness.bytes(Self.salt_bytes)
        return try await run(purpose) { [parameters] in try Self.hash(password, salt: salt, parameters) }
    }

    /// Whether a password is that of a hash, and in which form.
    enum Match: Sendable {
        case none
        case prepared
        /// Hashes from before passwords were prepared were made of what was typed.
        case typed
    }

    /// Whether `password` is the one that `encoded` was made from. Nil takes as long and is none.
    /// - Throws: `Service unavailable` when too many wait already.
    func verify(
        _ password: Password, against encoded: String?, for purpose: HashingPurpose
    ) async throws -> Match {
        let decoy = encoded == nil ? try await decoyHash() : nil
        let match: Match = try await run(purpose) {
            guard let hash = encoded ?? decoy else { return .none }
            if Self.verify(password.prepared, hash) { return .prepared }
            guard let typed = password.typed else { return .none }
            return Self.verify(typed, hash) ? .typed : .none
        }
        return encoded == nil ? .none : match
    }

    /// The hash to store instead of `encoded`, from which `password` was just verified; nil while that is of the prepared form
    /// and as strong as the parameters want it.
    func rehash(
        _ password: Password, after encoded: String?, which match: Match, for purpose: HashingPurpose
    ) async throws -> String? {
        guard let encoded, let old = Parameters(encoded: encoded) else { return nil }
        return match == .typed || old.isWeaker(than: parameters) ? try await hash(password, for: purpose) : nil
    }

    func decoyHash() async throws -> String {
        if let known = decoy.withLockedValue({ $0 }) { return known }
        let made = try await hash(Password("a password that nobody has"), for: .login)
        decoy.withLockedValue { $0 = made }
        return made
    }

    private func run<Result: Sendable>(
        _ purpose: HashingPurpose, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { turn in
            switch queue.withLockedValue({ $0.enter(turn, for: purpose) }) {
            case .goesAtOnce: turn.resume()
            case .waits: break
            case .isTurnedAway: turn.resume(throwing: APIError.serviceUnavailable)
            }
        }
        defer { queue.withLockedValue { $0.leave() }?.resume() }
        return try await threads.runIfActive(body)
    }

    private static func hash(_ password: String, salt: [UInt8], _ parameters: Parameters) throws -> String {
        let (passes, memory, lanes) = (
            UInt32(parameters.passes), UInt32(parameters.memory_KiB), UInt32(parameters.lanes)
        )
        let length = argon2_encodedlen(
            passes, memory, lanes, UInt32(salt.count), UInt32(hash_bytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let password = Array(password.utf8)
        let result = argon2id_hash_encoded(
            passes, memory, lanes, password, password.count, salt, salt.count, hash_bytes, &encoded, length)
        guard result == ARGON2_OK.rawValue else { throw HashingError(code: result) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func verify(_ password: String, _ encoded: String) -> Bool {
        let password = Array(password.utf8)
        return argon2id_verify(encoded, password, password.count) == ARGON2_OK.rawValue
    }

    public func shutDown() async { try? await threads.shutdownGracefully() }
}

extension PasswordHasher.Parameters {
    /// Reads `$argon2id$v=19$m=65536,t=3,p=2$…`.
    init?(encoded: String) {
        let parts = encoded.split(separator: "$")
        guard parts.count == 5, parts[0] == "argon2id" else { return nil }
        var values: [Substring: Int] = [:]
        for pair in parts[2].split(separator: ",") {
            let halves = pair.split(separator: "=")
            if halves.count == 2 { values[halves[0]] = Int(halves[1]) }
        }
        guard let memory = values["m"], let passes = values["t"], let lanes = values["p"] else { return nil }
        self.init(memory_KiB: memory, passes: passes, lanes: lanes)
    }

    /// Whether a hash with these costs an attacker less memory or less time.
    func isWeaker(than other: Self) -> Bool { memory_KiB < other.memory_KiB || passes < other.passes }
}

/// libargon2 could not compute a hash, most likely for want of memory.
struct HashingError: Error {
    let code: Int32
}

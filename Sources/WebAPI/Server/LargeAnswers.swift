import Hummingbird
import Kernel
import NIOConcurrencyHelpers
import NIOCore

/// Bounds what lies in memory of answers that somebody asks for and does not take.
final class LargeAnswers: Sendable {
    /// What is smaller does not count: requests are counted, too.
    private static let smallest_bytes = 64 * 1024
    private static let perUser_bytes = 16 << 20

    /// Held while an answer is there, on whatever way it goes.
    private final class Hold: Sendable {
        private let answers: LargeAnswers
        private let user: UserID
        private let size_bytes: Int

        init(_ answers: LargeAnswers, _ user: UserID, _ size_bytes: Int) {
            (self.answers, self.user, self.size_bytes) = (answers, user, size_bytes)
        }

        deinit { answers.release(size_bytes, user) }
    }

    private let held_bytes = NIOLockedValueBox<[UserID: Int]>([:])

    /// The same answer, counted until it was taken or given up.
    /// - Parameter mayRefuse: false where something was done, which must be told.
    /// - Throws: `.rateLimited` when the user has left too much lying; one answer is always to be had.
    func counted(
        _ response: Response, _ bytes: ByteBuffer, for user: UserID, mayRefuse: Bool
    ) throws(APIError) -> Response {
        let size_bytes = bytes.readableBytes
        guard size_bytes >= Self.smallest_bytes else { return response }
        let isTaken = held_bytes.withLockedValue { held in
            let own = held[user] ?? 0
            guard !mayRefuse || own == 0 || own + size_bytes <= Self.perUser_bytes else { return false }
            held[user] = own + size_bytes
            return true
        }
        guard isTaken else { throw .rateLimited(retryAfter_s: 1) }
        let hold = Hold(self, user, size_bytes)
        var response = response
        // In pieces, so that the end is not reached before a slow client has taken nearly all.
        response.body = ResponseBody(contentLength: size_bytes) { writer in
            var rest = bytes
            while let piece = rest.readSlice(length: min(rest.readableBytes, Self.smallest_bytes)),
                piece.readableBytes > 0
            {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
            withExtendedLifetime(hold) {}
        }
        return response
    }

    private func release(_ size_bytes: Int, _ user: UserID) {
        held_bytes.withLockedValue { held in
            let rest = (held[user] ?? 0) - size_bytes
            held[user] = rest > 0 ? rest : nil
        }
    }
}

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

    /// An answer that may be refused, counted until it was taken or given up.
    /// - Throws: `.rateLimited` when the user has left too much lying; one answer is always to be had.
    func countedIfThereIsRoom(
        _ response: Response, _ bytes: ByteBuffer, for user: UserID
    ) throws(APIError) -> Response {
        let size_bytes = bytes.readableBytes
        guard size_bytes >= Self.smallest_bytes else { return response }
        let isTaken = held_bytes.withLockedValue { held in
            let own = held[user] ?? 0
            guard own == 0 || own + size_bytes <= Self.perUser_bytes else { return false }
            held[user] = own + size_bytes
            return true
        }
        guard isTaken else { throw .rateLimited(retryAfter_s: 1) }
        return answer(response, bytes, Hold(self, user, size_bytes))
    }

    /// An answer that tells of what was done, counted as well, and given in any case.
    func counted(_ response: Response, _ bytes: ByteBuffer, for user: UserID) -> Response {
        let size_bytes = bytes.readableBytes
        guard size_bytes >= Self.smallest_bytes else { return response }
        held_bytes.withLockedValue { $0[user, default: 0] += size_bytes }
        return answer(response, bytes, Hold(self, user, size_bytes))
    }

    private func answer(_ response: Response, _ bytes: ByteBuffer, _ hold: Hold) -> Response {
        var response = response
        // In pieces, so that the end is not reached before a slow client has taken nearly all.
        response.body = ResponseBody(contentLength: bytes.readableBytes) { writer in
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

import Bus
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestPrograms

/// What a node hears by a bus.
struct BusListener<Way: MessageBus>: Sendable {
    let bus: Way
    let heard = NIOLockedValueBox<[BusNews]>([])
    let signs = NIOLockedValueBox(0)

    init(_ bus: Way) {
        self.bus = bus
        bus.subscribe(to: .transient) { [heard] news in heard.withLockedValue { $0.append(news) } }
        bus.subscribe(to: .log) { [signs] news in if news == .message([]) { signs.withLockedValue { $0 += 1 } } }
        bus.start()
    }

    var messages: [[UInt8]] {
        heard.withLockedValue { $0 }.compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    var connections: Int { heard.withLockedValue { $0 }.count { $0 == .connected } }

    func connects(times: Int = 1) async throws { try await eventually { connections >= times } }

    func breaks(_ way: BusWay) async throws { try await eventually { bus.broken.contains(way) } }
}

extension BusSeal {
    static let test = BusSeal(secret: [1, 2, 3])
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

func sample(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

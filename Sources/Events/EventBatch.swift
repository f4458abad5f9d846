import Bus
import Kernel

/// Events that follow each other in the log, as the leader hands them to the other nodes, which so need not read them.
///
/// A copy of what is on disk already: whoever lacks one reads the log. As a message it is the length of its head (four bytes, the
/// most significant one first), the head in JSON, of which later versions may have more, and the payloads byte for byte.
struct EventBatch: Sendable {
    let epoch: LogEpoch
    /// The position that they come after: between it and them there is nothing, nor is there between any two of them.
    let previous: Int64
    let events: [Event]

    private static let lengthBytes = 4
    /// A message that is longer takes nothing more; together with one long event it stays below what the bus takes.
    static let usual_bytes = 64 << 10
    /// What an event weighs in the head, more or less, and what each audience adds to that.
    private static let weight_bytes = (event: 256, audience: 20)

    init(epoch: LogEpoch, after previous: Int64, _ events: [Event]) {
        self.epoch = epoch
        self.previous = previous
        self.events = events
    }

    // MARK: As messages

    /// As few messages as it takes. What comes after an event that is too long for the bus is of no use to anybody, and left out.
    var messages: [[UInt8]] {
        var messages: [[UInt8]] = []
        var previous = previous
        var rest = events[...]
        while let last = rest.indices.last {
            var weight_bytes = 0
            let end = rest.firstIndex { event in
                weight_bytes += Self.weight(of: event)
                return weight_bytes >= Self.usual_bytes
            }
            let part = EventBatch(epoch: epoch, after: previous, Array(rest[...(end ?? last)]))
            let message = part.message
            if message.count > MessageSize.maximum_bytes { break }
            messages.append(message)
            previous = part.events.last?.position ?? previous
            rest = rest[(end ?? last)...].dropFirst()
        }
        return messages
    }

    private static func weight(of event: Event) -> Int {
        event.payload.count + weight_bytes.event + event.audiences.count * weight_bytes.audience
    }

    private var message: [UInt8] {
        var head = JSONWriter()
        head.beginObject()
        head.member("epoch", epoch.rawValue)
        head.member("after", previous)
        head.key("events")
        head.beginArray()
        for event in events { Self.write(event, to: &head) }
        head.endArray()
        head.endObject()
        let length = UInt32(head.bytes.count)
        return withUnsafeBytes(of: length.bigEndian) { Array($0) } + head.bytes + events.flatMap(\.payload)
    }

    private static func write(_ event: Event, to head: inout JSONWriter) {
        let subject = event.subject
        head.beginObject()
        head.member("s", event.position)
        head.member("t", event.name.rawValue)
        head.member("at", event.at.milliseconds)
        head.member("intent", event.intent.rawValue)
        head.member("to", event.audiences.map(\.id))
        if let place = subject.place { head.member("place", place.id) }
        if !subject.rights.isEmpty { head.member("rights", subject.rights.map(\.rawValue)) }
        if let channel = subject.channel { head.member("channel", channel.id) }
        if let thing = subject.thing { head.member("thing", thing) }
        if let quoted = subject.quoted { head.member("quoted", quoted) }
        head.member("size", event.payload.count)
        head.endObject()
    }

    /// Nil for what is no batch, or lacks something.
    init?(_ message: [UInt8]) {
        let length = message.prefix(Self.lengthBytes).reduce(0) { $0 << 8 | Int($1) }
        guard length > 0, length <= message.count - Self.lengthBytes,
            let head = try? JSONParser.parse(message[Self.lengthBytes..<Self.lengthBytes + length]),
            let epoch = head["epoch"]?.integer, let previous = head["after"]?.integer,
            let items = head["events"]?.array
        else { return nil }
        var rest = message[(Self.lengthBytes + length)...]
        var events: [Event] = []
        for item in items {
            guard let size = item["size"]?.integer, (0...Int64(rest.count)).contains(size),
                let event = Self.event(item, Array(rest.prefix(Int(size)))),
                event.position > events.last?.position ?? previous, event.position < .max
            else { return nil }
            rest = rest.dropFirst(Int(size))
            events.append(event)
        }
        self.init(epoch: LogEpoch(rawValue: epoch), after: previous, events)
    }

    private static func event(_ item: JSON, _ payload: [UInt8]) -> Event? {
        guard let position = item["s"]?.integer, let name = item["t"]?.string, let moment = item["at"]?.integer,
            let intent = item["intent"]?.integer,
            let audiences = item["to"]?.array?.compactMap(\.integer)
        else { return nil }
        var subject = EventSubject(place: item["place"]?.integer.map(Audience.init(id:)))
        subject.rights = (item["rights"]?.array ?? []).compactMap(\.string).compactMap(Permission.init(rawValue:))
        subject.channel = item["channel"]?.integer.map(Audience.init(id:))
        subject.thing = item["thing"]?.integer
        subject.quoted = item["quoted"]?.integer
        return Event(
            position: position, at: Timestamp(milliseconds: moment), name: EventName(rawValue: name),
            intent: Intents(rawValue: Int(intent)), audiences: audiences.map(Audience.init(id:)), subject: subject,
            payload: payload)
    }
}

import Community
import Kernel

/// A sticker as a message shows it, which keeps its id and name when the sticker is deleted.
struct MessageSticker: Sendable, Equatable {
    static let maximumPerMessage = 3

    let id: StickerID
    let name: String
    /// Whether its picture can still be fetched.
    var isAvailable = true
}

extension MessageSticker: JSONObjectEncodable {
    static let shape = JSONShape<MessageSticker>(
        "MessageSticker",
        .field("id", \.id),
        .field("name", \.name),
        .field("format") { _ in Sticker.format },
        .field("url") { $0.isAvailable ? Sticker.url(of: $0.id) : nil })
}

extension [MessageSticker] {
    /// As they are stored with a message; nil for none.
    var stored: String? {
        isEmpty
            ? nil : JSON.array(map { .object(["id": .string($0.id.description), "name": .string($0.name)]) }).text
    }

    init(stored text: String?) {
        self = (text.flatMap { JSON(text: $0)?.array } ?? []).compactMap { sticker in
            guard let id = sticker["id"]?.string.flatMap({ try? StickerID(parsing: $0) }),
                let name = sticker["name"]?.string
            else { return nil }
            return MessageSticker(id: id, name: name)
        }
    }

    /// The same, each with whether it is still among some.
    func marked(by available: Set<StickerID>) -> [MessageSticker] {
        map { MessageSticker(id: $0.id, name: $0.name, isAvailable: available.contains($0.id)) }
    }
}

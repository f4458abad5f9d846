import Kernel
import Media

/// A file in the store. It is found by its content, so however many show the same file, it is there once.
package struct Blob: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Being stored; a crash may have left less than the whole.
        case pending
        case stored
        /// Nothing shows it any more.
        case deleting
    }

    package let id: BlobID
    /// In hexadecimal.
    package let sha256: String
    package let size_bytes: Int
    package let type: MediaType
    package let state: State

    package var key: ObjectKey { .blob(sha256: sha256, number: id.rawValue) }
}

/// What files need: a place to be, and programs that look at them.
public struct MediaParts: Sendable {
    public let store: any ObjectStore
    public let staging: Staging
    /// Nil when the tools are not installed.
    public let pictures: PictureTools?
    public let films: FilmTools?
    /// Nil when files are not scanned.
    public let scanner: VirusScanner?
    public let links: LinkFetcher
    /// Types that are not taken.
    public let refusedTypes: Set<String>

    /// In which forms something said is taken: without tools in the one whose length and loudness can be read from it.
    package var speechTypes: [MediaType] { films == nil ? [.ogg] : FilmTools.speechTypes }

    public init(
        store: any ObjectStore, staging: Staging, pictures: PictureTools?, films: FilmTools?, scanner: VirusScanner?,
        links: LinkFetcher, refusedTypes: Set<String>
    ) {
        self.store = store
        self.staging = staging
        self.pictures = pictures
        self.films = films
        self.scanner = scanner
        self.links = links
        self.refusedTypes = refusedTypes
    }
}

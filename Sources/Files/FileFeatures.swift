import Features

/// What this room has: files, and pictures of them.
package struct FileFeatures: Sendable {
    package let blobs: Blobs
    package let intake: Intake
    package let thumbnails: Thumbnails

    package var all: [any Feature] { [blobs] }

    /// - Parameter media: nil where there is no store for files.
    package init(_ parts: Parts, media: MediaParts?) {
        blobs = Blobs(parts: parts, media: media)
        intake = Intake(parts: parts, blobs: blobs)
        thumbnails = Thumbnails(parts: parts, blobs: blobs, intake: intake)
    }
}

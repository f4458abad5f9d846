import Kernel

extension LoadedSettings {
    /// The version of this program.
    // `scripts/preloads.mjs` writes it out of VERSION; without its form no program would start, and no test pass.
    // swift-format-ignore: NeverForceUnwrap
    public static let programVersion = Version("a.1.0-1")!
}

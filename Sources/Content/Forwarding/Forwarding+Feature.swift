import Features

extension Forwarding: Feature {
    package static let module: Module? = .forwarding
}

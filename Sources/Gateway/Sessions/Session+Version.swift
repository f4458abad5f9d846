import Kernel

extension Session {
    /// - Returns: whether the version is one that the server talks to; otherwise the connection is closing.
    @discardableResult
    func admit(_ version: String) -> Bool {
        let policy = shard.services.configuration.versions
        do throws(APIError) {
            try policy.admit(version)
            return true
        } catch {
            if error.kind == .invalidVersionFormat {
                close(.undecodable("client_version must be [stage].[major].[minor]-[build]"))
            } else {
                send(ServerFrame.versionCheck(client: version, policy))
                close(CloseReason(.versionOutdated, error.message))
            }
            return false
        }
    }

    func checkVersion(_ version: String?) {
        if let version, !admit(version) { return }
        send(ServerFrame.versionCheck(client: version, shard.services.configuration.versions))
    }
}

import Features
import HTTPTypes
import Kernel
import WebAPI

extension Nodes: Feature {
    var routes: [Route] {
        [
            .administrative(
                .get, "/admin/nodes", "How the nodes of the instance are", takes: .nothing, returns: Cluster.self
            ) { _, _ in .ok(try await cluster()) }
        ]
    }
}

import Database
import Features
import Kernel

extension Maintenance: Feature {
    package static let tables: [Table] = [
        .impersonal("instance_settings", "key value")
    ]
}

import Database
import Kernel

extension Maintenance: Feature {
    static let tables: [Table] = [
        .impersonal("instance_settings", "key value")
    ]
}

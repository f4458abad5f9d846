import Database

extension Migration {
    /// Where each node keeps its files.
    static let nodes = Migration(52, "nodes") { _ in ["ALTER TABLE workers ADD COLUMN store TEXT"] }

    /// What each node says of itself.
    static let nodeReports = Migration(56, "reports of nodes") { _ in ["ALTER TABLE workers ADD COLUMN report TEXT"] }
}

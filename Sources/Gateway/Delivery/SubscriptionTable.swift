import Events

/// Which sessions of an event loop see which audiences. A session is a small number, its place among the loop's sessions.
///
/// Each entry knows where its other half is, so that joining and leaving take constant time, and so that going through an
/// audience is going through an array.
struct SubscriptionTable {
    struct Member {
        let session: Int32
        /// Where the session's list has this row.
        var entry: Int32
    }

    private struct Entry {
        let row: Int32
        var place: Int32
    }

    /// The members of each audience; free rows are empty.
    private var rows: [[Member]] = []
    private var audiences: [Audience] = []
    private var rowOf: [Audience: Int32] = [:]
    private var freeRows: [Int32] = []
    private var lists: [[Entry]] = []

    func members(of audience: Audience) -> [Member] {
        guard let row = rowOf[audience] else { return [] }
        return rows[Int(row)]
    }

    func audiences(of session: Int32) -> [Audience] {
        guard Int(session) < lists.count else { return [] }
        return lists[Int(session)].map { audiences[Int($0.row)] }
    }

    /// Gives a session that has none its audiences.
    mutating func subscribe(_ session: Int32, to audiences: Set<Audience>) {
        makeList(of: session)
        lists[Int(session)].reserveCapacity(audiences.count)
        for audience in audiences { add(session, to: row(of: audience)) }
    }

    mutating func subscribe(_ session: Int32, to audience: Audience) {
        makeList(of: session)
        let row = row(of: audience)
        guard !lists[Int(session)].contains(where: { $0.row == row }) else { return }
        add(session, to: row)
    }

    mutating func unsubscribe(_ session: Int32, from audience: Audience) {
        guard let row = rowOf[audience], Int(session) < lists.count,
            let entry = lists[Int(session)].firstIndex(where: { $0.row == row })
        else { return }
        remove(entry: entry, of: session)
    }

    /// The session's last entry takes the place of the one that goes.
    private mutating func remove(entry: Int, of session: Int32) {
        removeMember(at: lists[Int(session)][entry])
        let last = lists[Int(session)].removeLast()
        if entry < lists[Int(session)].count {
            lists[Int(session)][entry] = last
            rows[Int(last.row)][Int(last.place)].entry = Int32(entry)
        }
    }

    /// Takes audiences from a session and gives it others, in one pass over those that it has.
    mutating func change(_ session: Int32, lost: [Audience], gained: [Audience]) {
        if lost.count < 4 {
            for audience in lost { unsubscribe(session, from: audience) }
        } else if Int(session) < lists.count {
            let rows = Set(lost.compactMap { rowOf[$0] })
            for entry in lists[Int(session)].indices.reversed() where rows.contains(lists[Int(session)][entry].row) {
                remove(entry: entry, of: session)
            }
        }
        guard gained.count >= 4 else {
            for audience in gained { subscribe(session, to: audience) }
            return
        }
        makeList(of: session)
        let known = Set(lists[Int(session)].map(\.row))
        for audience in Set(gained) {
            let row = row(of: audience)
            if !known.contains(row) { add(session, to: row) }
        }
    }

    mutating func unsubscribeFromAll(_ session: Int32) {
        guard Int(session) < lists.count else { return }
        let list = lists[Int(session)]
        lists[Int(session)] = []
        for entry in list { removeMember(at: entry) }
    }

    private mutating func makeList(of session: Int32) {
        while lists.count <= Int(session) { lists.append([]) }
    }

    private mutating func row(of audience: Audience) -> Int32 {
        if let row = rowOf[audience] { return row }
        let row: Int32
        if let free = freeRows.popLast() {
            row = free
            audiences[Int(row)] = audience
        } else {
            row = Int32(rows.count)
            rows.append([])
            audiences.append(audience)
        }
        rowOf[audience] = row
        return row
    }

    private mutating func add(_ session: Int32, to row: Int32) {
        let place = Int32(rows[Int(row)].count)
        rows[Int(row)].append(Member(session: session, entry: Int32(lists[Int(session)].count)))
        lists[Int(session)].append(Entry(row: row, place: place))
    }

    /// The last member takes the place of the one that goes.
    private mutating func removeMember(at entry: Entry) {
        let (row, place) = (Int(entry.row), Int(entry.place))
        let last = rows[row].removeLast()
        if place < rows[row].count {
            rows[row][place] = last
            lists[Int(last.session)][Int(last.entry)].place = entry.place
        }
        if rows[row].isEmpty {
            rows[row] = []
            rowOf[audiences[row]] = nil
            freeRows.append(entry.row)
        }
    }
}

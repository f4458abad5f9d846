/// What the parties say, held against each other.
struct Verdict {
    let acknowledged: [Sighting]
    let history: [Sighting]
    let heard: [Sighting]
    let replayed: [Sighting]

    var summary: String {
        "acknowledged \(acknowledged.count), in the history \(history.count), heard live \(heard.count), replayed \(replayed.count)"
    }

    let checks = 9

    var faults: [String] {
        let stored = Set(history)
        var faults: [String] = []
        func require(_ isTrue: Bool, _ fault: String) { if !isTrue { faults.append(fault) } }
        require(!acknowledged.isEmpty, "nothing was acknowledged at all")
        require(
            acknowledged.allSatisfy(stored.contains),
            "\(acknowledged.filter { !stored.contains($0) }.count) acknowledged messages are missing in the history")
        require(Set(history.map(\.nonce)).count == history.count, "the history has a message twice")
        require(Set(acknowledged.map(\.id)).count == acknowledged.count, "two acknowledgements name the same message")
        require(heard == history, "what was heard live is not the history, in its order and once each")
        require(replayed == history, "what is replayed is not the history, in its order and once each")
        require(isInOrder(history), "a writer's messages are out of order in the history")
        require(isInOrder(heard), "a writer's messages were heard out of order")
        require(Set(heard.map(\.id)).count == heard.count, "a message was heard twice")
        return faults
    }

    private func isInOrder(_ messages: [Sighting]) -> Bool {
        Dictionary(grouping: messages, by: \.writer).values.allSatisfy { own in
            zip(own, own.dropFirst()).allSatisfy { $0.number < $1.number }
        }
    }
}

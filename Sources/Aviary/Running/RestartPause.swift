/// How long to wait before a server that has died is started again.
///
/// Three times it is back at once, since what has killed it is most likely one request. A server that goes on dying is given
/// more and more time, so that it does not eat the machine; one that has lived for a minute begins anew.
struct RestartPause {
    private static let steadyLife = Duration.seconds(60)
    private static let longest_s = 60

    private var deathsInARow = 0

    /// - Parameter life: how long it has run this time.
    mutating func afterDeath(life: Duration) -> Duration {
        if life >= Self.steadyLife { deathsInARow = 0 }
        deathsInARow = min(deathsInARow + 1, 32)
        return deathsInARow <= 3 ? .zero : .seconds(min(Self.longest_s, 1 << (deathsInARow - 4)))
    }
}

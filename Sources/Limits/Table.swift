/// The attempts of many keys, in bounded memory and without ever looking
/// through all of them.
///
/// A key belongs to one of many small sets, chosen by its hash. When a set is
/// full, a new key takes the place of one that counts as forgotten, else of the
/// one with the fewest attempts, of several the one tried longest ago.
///
/// So a flood of new keys pushes out others of its kind, and not one that is
/// made to wait. To push out a key with n attempts, every other place of its
/// set needs as many; whoever cannot compute the hash has to bring about
/// `capacity` keys to n attempts each for that. What it costs: in a full table,
/// a key with few attempts may start anew. With one attempt, it takes about
/// `capacity` new keys to push it out, or `capacity / placesInSet` if all others
/// were given two before.
struct Table {
    struct Record {
        let key: Budget.Key
        /// The instants of the last attempt and of the one before.
        var last: Int64
        var previous: Int64
        var attempts: Int32 = 0
        var isRefusalKnown = false

        /// A clock that went back must not leave anything in the future.
        mutating func clamp(to instant: Int64) {
            last = min(last, instant)
            previous = min(previous, last)
        }
    }

    private static let placesInSet = 16

    private var sets: [[Record]]
    private let places: Int
    private let memory: Int64
    private(set) var count = 0

    /// - Parameters:
    ///   - capacity: keys; rounded down to whole sets.
    ///   - memory: microseconds without an attempt after which a key may go
    ///     before all others.
    init(capacity: Int, memory: Int64) {
        precondition(capacity >= 1)
        places = min(capacity, Self.placesInSet)
        sets = Array(repeating: [], count: capacity / places)
        self.memory = memory
    }

    /// Lets `change` work on the record of the key, a new one if there is none.
    mutating func update<Result>(
        _ key: Budget.Key, at instant: Int64, _ change: (inout Record) -> Result
    ) -> Result {
        let set = set(of: key)
        let place = place(of: key, in: set) ?? makePlace(for: key, in: set, at: instant)
        return change(&sets[set][place])
    }

    /// As `update`; nil if there is no record. One without attempts is removed.
    mutating func updateIfKnown<Result>(_ key: Budget.Key, _ change: (inout Record) -> Result) -> Result? {
        let set = set(of: key)
        guard let place = place(of: key, in: set) else { return nil }
        let result = change(&sets[set][place])
        if sets[set][place].attempts == 0 { remove(key) }
        return result
    }

    mutating func remove(_ key: Budget.Key) {
        let set = set(of: key)
        guard let place = place(of: key, in: set) else { return }
        sets[set].swapAt(place, sets[set].count - 1)
        sets[set].removeLast()
        count -= 1
    }

    private func set(of key: Budget.Key) -> Int {
        Int(key.first % UInt64(sets.count))
    }

    private func place(of key: Budget.Key, in set: Int) -> Int? {
        sets[set].firstIndex { $0.key == key }
    }

    private mutating func makePlace(for key: Budget.Key, in set: Int, at instant: Int64) -> Int {
        let record = Record(key: key, last: instant, previous: instant)
        guard sets[set].count == places else {
            sets[set].append(record)
            count += 1
            return sets[set].count - 1
        }
        for place in 0..<places { sets[set][place].clamp(to: instant) }
        let least = sets[set].indices.min { one, other in
            let (one, other) = (sets[set][one], sets[set][other])
            return (worth(of: one, at: instant), one.last) < (worth(of: other, at: instant), other.last)
        }!
        sets[set][least] = record
        return least
    }

    private func worth(of record: Record, at instant: Int64) -> Int32 {
        instant - record.last >= memory ? 0 : record.attempts
    }
}

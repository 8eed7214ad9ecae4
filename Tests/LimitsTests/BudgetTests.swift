import Limits
import Testing
import Threads

private let second: Int64 = 1_000_000
/// 2026-01-01 00:00 UTC.
private let now: Int64 = 1_767_225_600 * second

/// 5 attempts, then 1, 2, 4 … 60 s; new again after an hour.
private func budget(capacity: Int = 65_536) -> Budget {
    Budget(
        Allowance(free: 5, firstDelay: 1, maximumDelay: 60, forgetAfter: 3600), capacity: capacity)
}

extension Budget {
    /// Takes the free attempts and one after each of so many delays; the
    /// instant of the last.
    fileprivate func exhaust(_ key: Key, delays: Int = 0, at start: Int64 = now) -> Int64 {
        var instant = start
        for _ in 0..<5 { #expect(take(key, at: instant) == .allowed) }
        for _ in 0..<delays {
            instant += Int64(delay(of: key, at: instant) ?? 0) * second
            #expect(take(key, at: instant) == .allowed)
        }
        return instant
    }
}

struct BudgetTests {
    private let key = Budget.Key("ann@example.org")

    @Test func `the free attempts pass and the next one waits`() {
        let budget = budget()
        for _ in 0..<5 { #expect(budget.take(key, at: now) == .allowed) }
        #expect(budget.take(key, at: now) == .wait(seconds: 1, isFirst: true))
        #expect(budget.take(key, at: now + second - 1) == .wait(seconds: 1, isFirst: false))
        #expect(budget.take(key, at: now + second) == .allowed)
    }

    @Test func `a delay doubles with each attempt, up to the longest`() {
        let budget = budget()
        var instant = budget.exhaust(key)
        var delays: [Int] = []
        for _ in 0..<40 {
            guard case .wait(let seconds, _) = budget.take(key, at: instant) else { break }
            delays.append(seconds)
            instant += Int64(seconds) * second
            #expect(budget.take(key, at: instant) == .allowed)
        }
        #expect(delays == [1, 2, 4, 8, 16, 32] + Array(repeating: 60, count: 34))
    }

    @Test func `refused attempts prolong nothing, and are not counted`() {
        let budget = budget()
        let last = budget.exhaust(key, delays: 3)
        for step in 0..<1000 {
            #expect(budget.take(key, at: last + Int64(step) * 8 * second / 1000) != .allowed)
        }
        #expect(budget.take(key, at: last + 8 * second) == .allowed)
        #expect(budget.delay(of: key, at: last + 8 * second) == 16)
    }

    @Test func `only the first refusal of each delay says that it is the first`() {
        let budget = budget()
        var instant = budget.exhaust(key)
        for _ in 0..<4 {
            var firsts: [Bool] = []
            for _ in 0..<3 {
                if case .wait(_, let isFirst) = budget.take(key, at: instant) { firsts.append(isFirst) }
            }
            #expect(firsts == [true, false, false])
            instant += Int64(budget.delay(of: key, at: instant) ?? 0) * second
            #expect(budget.take(key, at: instant) == .allowed)
        }
    }

    @Test func `to look takes nothing`() {
        let budget = budget()
        for _ in 0..<100 { #expect(budget.delay(of: key, at: now) == nil) }
        #expect(budget.count == 0)
        let last = budget.exhaust(key)
        for _ in 0..<100 { #expect(budget.delay(of: key, at: last) == 1) }
        #expect(budget.take(key, at: last) == .wait(seconds: 1, isFirst: true))
        #expect(budget.delay(of: key, at: last + second) == nil)
    }

    @Test func `without an attempt for long enough a key is new again`() {
        let budget = budget()
        let last = budget.exhaust(key, delays: 10)
        #expect(budget.take(key, at: last + 3600 * second - 1) == .allowed)
        #expect(budget.delay(of: key, at: last + 3600 * second - 1) == 60)
        _ = budget.exhaust(key, at: last + 2 * 3600 * second)
        #expect(budget.delay(of: key, at: last + 2 * 3600 * second) == 1)
    }

    @Test func `a key that is forgotten is new again`() {
        let budget = budget()
        let last = budget.exhaust(key, delays: 10)
        budget.forget(key)
        #expect(budget.count == 0)
        #expect(budget.exhaust(key, at: last) == last)
        budget.forget(Budget.Key("nobody"))
        #expect(budget.count == 1)
    }

    @Test func `honest attempts are given back without end`() {
        let budget = budget()
        for step in 0..<100 {
            #expect(budget.take(key, at: now + Int64(step)) == .allowed)
            budget.giveBack(key, at: now + Int64(step))
        }
        #expect(budget.count == 0)
    }

    @Test func `an honest attempt between guesses changes nothing for them`() {
        let budget = budget()
        let last = budget.exhaust(key, delays: 3)
        let honest = last + 8 * second
        for _ in 0..<100 {
            #expect(budget.take(key, at: honest) == .allowed)
            budget.giveBack(key, at: honest)
            #expect(budget.delay(of: key, at: honest) == nil)
        }
        #expect(budget.take(key, at: honest + 1) == .allowed)
        #expect(budget.delay(of: key, at: honest + 1) == 16)
    }

    @Test func `honest attempts do not keep the guesses of long ago`() {
        let budget = budget()
        var instant = budget.exhaust(key, delays: 3)
        for _ in 0..<10 {
            instant += 1000 * second
            #expect(budget.take(key, at: instant) == .allowed)
            budget.giveBack(key, at: instant)
        }
        #expect(budget.count == 0)
    }

    @Test func `to give back an attempt does not end the delay of a later one`() {
        let budget = budget()
        let slow = now
        #expect(budget.take(key, at: slow) == .allowed)
        for _ in 0..<4 { #expect(budget.take(key, at: now + 1) == .allowed) }
        let last = now + 1 + second
        #expect(budget.take(key, at: last) == .allowed)
        #expect(budget.delay(of: key, at: last) == 2)
        budget.giveBack(key, at: slow)
        #expect(budget.delay(of: key, at: last) == 1)
    }

    @Test func `of many at once as many pass as of many in turn`() {
        let budget = budget()
        let passed = Locked(0)
        let firsts = Locked(0)
        let threads = (0..<500).map { number in
            Thread { [key] in
                // They read the clock before they come to the lock.
                switch budget.take(key, at: now + Int64(number * 7919 % 500)) {
                case .allowed: passed.withLock { $0 += 1 }
                case .wait(_, isFirst: true): firsts.withLock { $0 += 1 }
                case .wait: break
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(passed.withLock { $0 } == 5)
        #expect(firsts.withLock { $0 } == 1)
    }

    @Test(arguments: [second, 3600 * second, 10 * 365 * 86_400 * second, now])
    func `a clock that goes back does not prolong a delay`(by distance: Int64) {
        let budget = budget()
        let last = budget.exhaust(key, delays: 10) - distance
        #expect(budget.take(key, at: last) == .wait(seconds: 60, isFirst: true))
        #expect(budget.take(key, at: last + 30 * second) == .wait(seconds: 30, isFirst: false))
        #expect(budget.take(key, at: last + 60 * second) == .allowed)
    }

    @Test func `a clock that goes back does not prolong a delay that is only looked at`() {
        let budget = budget()
        let last = budget.exhaust(key, delays: 10) - 3600 * second
        #expect(budget.delay(of: key, at: last) == 60)
        #expect(budget.delay(of: key, at: last + 60 * second) == nil)
    }

    @Test func `the longest delay stays the longest, even one of decades`() {
        let longest = Int(Int32.max) - 1
        let allowance = Allowance(
            free: 1, firstDelay: 86_400, maximumDelay: longest, forgetAfter: longest + 1)
        let budget = Budget(allowance, capacity: 1)
        var instant = now
        for _ in 0..<60 {
            #expect(budget.take(key, at: instant) == .allowed)
            instant += Int64(budget.delay(of: key, at: instant) ?? 0) * second
        }
        #expect(budget.take(key, at: instant) == .allowed)
        #expect(budget.delay(of: key, at: instant) == longest)
    }
}

struct BoundedBudgetTests {
    @Test(arguments: [(1, 1), (15, 15), (16, 16), (100, 96), (1000, 992), (65_536, 65_536)])
    func `no more keys are remembered than there is room for`(capacity: Int, most: Int) {
        let budget = budget(capacity: capacity)
        for number in 0..<200_000 {
            #expect(budget.take(Budget.Key("\(number)"), at: now + Int64(number)) == .allowed)
        }
        // A few sets may not be full.
        #expect(budget.count <= most && budget.count >= most * 99 / 100)
    }

    @Test func `half as many keys as there is room for are all remembered, but for a few`() {
        let budget = budget()
        let keys = (0..<32_768).map { Budget.Key("\($0)") }
        for key in keys { _ = budget.take(key, at: now) }
        #expect(budget.count > 32_768 * 99 / 100)
        for key in keys { budget.forget(key) }
        #expect(budget.count == 0)
    }

    @Test func `a flood of new keys does not free those who wait`() {
        let budget = budget(capacity: 4096)
        let victims = (0..<100).map { Budget.Key("victim \($0)") }
        for victim in victims { _ = budget.exhaust(victim, delays: 5) }
        let later = now + 32 * second
        for number in 0..<100_000 {
            #expect(budget.take(Budget.Key("\(number)"), at: later) == .allowed)
        }
        for victim in victims { #expect(budget.delay(of: victim, at: later) == 31) }
    }

    @Test func `a flood pushes out what counts as forgotten before anything else`() {
        let budget = budget(capacity: 16)
        let old = (0..<8).map { Budget.Key("old \($0)") }
        for key in old { _ = budget.exhaust(key, delays: 5) }
        let later = now + 4000 * second
        let fresh = (0..<8).map { Budget.Key("fresh \($0)") }
        for key in fresh { _ = budget.take(key, at: later) }
        for key in (0..<8).map({ Budget.Key("more \($0)") }) { _ = budget.take(key, at: later) }
        #expect(budget.count == 16)
        for key in fresh {
            for _ in 0..<4 { #expect(budget.take(key, at: later) == .allowed) }
            #expect(budget.delay(of: key, at: later) == 1)
        }
    }

    @Test func `of keys with the same number of attempts, the one tried longest ago makes room`() {
        let budget = budget(capacity: 2)
        let (first, second, third) = (Budget.Key("1"), Budget.Key("2"), Budget.Key("3"))
        for _ in 0..<4 { _ = budget.take(first, at: now) }
        for _ in 0..<4 { _ = budget.take(second, at: now + 1) }
        _ = budget.take(third, at: now + 2)
        _ = budget.take(second, at: now + 3)
        #expect(budget.delay(of: second, at: now + 3) == 1)
        for _ in 0..<4 { #expect(budget.take(first, at: now + 4) == .allowed) }
        #expect(budget.delay(of: first, at: now + 4) == nil)
    }

    @Test func `what a clock that went back has left in the future makes room as well`() {
        let budget = budget(capacity: 1)
        _ = budget.exhaust(Budget.Key("1"), at: now + 86_400 * 365 * second)
        #expect(budget.take(Budget.Key("2"), at: now) == .allowed)
        #expect(budget.delay(of: Budget.Key("1"), at: now) == nil)
    }

    @Test(arguments: [("", "\0"), ("a", "A"), ("é", "e\u{301}"), ("ab", "ba"), ("a", "aa")])
    func `keys are compared byte by byte`(one: String, other: String) {
        #expect(Budget.Key(one) != Budget.Key(other))
        #expect(Budget.Key(one) == Budget.Key(Array(one.utf8)))
    }
}

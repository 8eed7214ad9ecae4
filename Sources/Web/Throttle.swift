internal import HTTP
internal import Limits
internal import Synchronization

/// The budgets against guessing (OWASP ASVS 5.0, 6.1.1 and 6.3.1): who tries
/// too often waits, longer each time, and nobody is locked out.
///
/// They are kept in memory, by each process: a restart forgets them.
public final class Throttle: Sendable {
    private let isInForce: Atomic<Bool>

    private static let minute = 60
    private static let hour = 3600
    private static let day = 86_400
    /// Keys of one budget; a key takes about 44 bytes.
    private static let capacity = 65_536

    /// Log-ins to one account from browsers that never were logged in to it.
    /// With delays of up to 15 minutes there are 96 guesses a day.
    let accounts = Budget(
        Allowance(free: 10, firstDelay: 1, maximumDelay: 15 * minute, forgetAfter: day), capacity: capacity)
    /// Log-ins from one browser that was logged in to the account before: what
    /// others try elsewhere does not slow it.
    let browsers = Budget(
        Allowance(free: 10, firstDelay: 1, maximumDelay: 15 * minute, forgetAfter: day), capacity: capacity)
    /// Log-ins from one address, to whatever account; an office may share it.
    let addresses = Budget(
        Allowance(free: 50, firstDelay: 1, maximumDelay: 5 * minute, forgetAfter: hour), capacity: capacity)
    /// Sign-ups from one network; apart from them, those with an invite link, of
    /// which only the ones with an e-mail address that is taken count.
    let signUps = Budget(
        Allowance(free: 30, firstDelay: 10, maximumDelay: 10 * minute, forgetAfter: hour), capacity: capacity)
    /// Links that are not, or no longer, valid, from one address.
    let links = Budget(
        Allowance(free: 50, firstDelay: 1, maximumDelay: 5 * minute, forgetAfter: hour), capacity: capacity)
    /// API tokens that nobody has, from one address.
    let tokens = Budget(
        Allowance(free: 50, firstDelay: 1, maximumDelay: 5 * minute, forgetAfter: hour), capacity: capacity)
    /// Wrong current passwords in one session.
    let confirmations = Budget(
        Allowance(free: 10, firstDelay: 1, maximumDelay: 15 * minute, forgetAfter: day), capacity: capacity)
    /// API tokens that worked from an address: they go on working when somebody
    /// else at this address guesses.
    let knownTokens = RecentKeys(capacity: 10_000)

    /// - Parameter isOn: false if a gateway in front limits instead.
    public init(isOn: Bool) {
        isInForce = Atomic(isOn)
    }

    /// Whether the budgets are asked; off, everything is allowed. They are kept
    /// when it is switched.
    public var isOn: Bool {
        get { isInForce.load(ordering: .relaxed) }
        set { isInForce.store(newValue, ordering: .relaxed) }
    }

    /// Whether a key of it stands for one person, or for a network that many share.
    func isPersonal(_ budget: Budget) -> Bool {
        budget === accounts || budget === browsers || budget === confirmations
    }
}

extension Site {
    /// 429 for what has no form of its own to be shown in.
    func tooManyTries(_ seconds: Int, _ visit: Visit) -> Response {
        var response =
            visit.isAPI
            ? apiError(.throttled(seconds), visit)
            : errorPage(.tooManyRequests, visit)
        response.add("Retry-After", "\(seconds)")
        return response
    }

    /// The same in a form, which keeps what was typed.
    func tooManyTries(_ seconds: Int, _ page: Page, field: String, _ visit: Visit) throws -> Response {
        var page = page
        page.status = .tooManyRequests
        page.add([FieldProblem(field: field, section: nil, message: sentence(.tooManyTries, words(seconds)))])
        var response = try render(page, visit)
        response.add("Retry-After", "\(seconds)")
        return response
    }

    private func words(_ seconds: Int) -> String {
        if seconds < 120 { return sentence(.manySeconds, "\(seconds)") }
        return sentence(.manyMinutes, "\((seconds + 59) / 60)")
    }
}

internal import Synchronization

/// Whether the Label Studio behind the gate was last seen with another database than
/// the one of which it is known who is who. Then nobody is anybody there: the numbers
/// are those of other people.
public final class DatabaseDoubt: Sendable {
    private let isOtherDatabase = Atomic(false)

    public init() {}

    var isThere: Bool { isOtherDatabase.load(ordering: .relaxed) }

    func set(_ now: Bool) {
        isOtherDatabase.store(now, ordering: .relaxed)
    }
}

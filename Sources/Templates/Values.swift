/// The values that a template shows: variables, and sections that appear once
/// for each set of values they hold.
public struct Values: Sendable {
    var variables: [(name: StaticString, value: String)] = []
    var sections: [(name: StaticString, values: Values)] = []

    public init() {}

    /// Values that will have about so many variables.
    public init(capacity: Int) {
        variables.reserveCapacity(capacity)
    }

    var isEmpty: Bool { variables.isEmpty && sections.isEmpty }

    /// Sets a variable. Escaping is the template's: the value is plain text.
    public mutating func set(_ name: StaticString, _ value: String) {
        variables.append((name, value))
    }

    /// Shows a section once more, with values of its own beside the outer ones.
    public mutating func add(_ section: StaticString, _ values: Values = Values()) {
        sections.append((section, values))
    }

    /// Shows a section once if `condition` holds.
    public mutating func show(_ section: StaticString, if condition: Bool) {
        if condition { add(section) }
    }
}

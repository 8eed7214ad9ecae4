/// The values that a template shows: variables, and sections that appear once
/// for each set of values they hold.
public struct Values: Sendable {
    // No tuples: Swift takes longer to copy and destroy those.
    struct Variable {
        let name: StaticString
        let value: String
    }
    struct Section {
        let name: StaticString
        let values: Values
    }

    private(set) var variables: [Variable] = []
    private(set) var sections: [Section] = []

    public init() {}

    var isEmpty: Bool { variables.isEmpty && sections.isEmpty }

    /// Sets a variable. Escaping is the template's: the value is plain text.
    public mutating func set(_ name: StaticString, _ value: String) {
        // Enough for most: no growing on the way.
        if variables.isEmpty { variables.reserveCapacity(8) }
        variables.append(Variable(name: name, value: value))
    }

    /// Shows a section once more, with values of its own beside the outer ones.
    public mutating func add(_ section: StaticString, _ values: Values = Values()) {
        if sections.isEmpty { sections.reserveCapacity(4) }
        sections.append(Section(name: section, values: values))
    }

    /// Shows a section once if `condition` holds.
    public mutating func show(_ section: StaticString, if condition: Bool) {
        if condition { add(section) }
    }
}

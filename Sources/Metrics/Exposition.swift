/// A text with figures, as Prometheus reads it:
/// https://prometheus.io/docs/instrumenting/exposition_formats/
public struct Exposition {
    public private(set) var text = ""
    private var name = ""

    public enum Kind: String {
        /// Only grows, until the program ends.
        case counter
        case gauge
        case histogram
    }

    public init() {}

    /// Begins a family of figures.
    ///
    /// - Parameters:
    ///   - name: letters, digits and underscores.
    ///   - help: one line.
    public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a figure to the family that was begun last.
    public mutating func add(_ value: Int, _ labels: KeyValuePairs<String, String> = [:]) {
        add(name, labels.map { $0 }, "\(value)")
    }

    public mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        add(name, labels.map { $0 }, "\(value)")
    }

    public mutating func add(_ histogram: Histogram, _ labels: KeyValuePairs<String, String> = [:]) {
        let labels = labels.map { $0 }
        var count = 0
        for (index, bound) in Histogram.bounds.enumerated() {
            count += histogram.counts[index]
            add(name + "_bucket", labels + [("le", "\(Self.seconds(bound))")], "\(count)")
        }
        count += histogram.counts[Histogram.bounds.count]
        add(name + "_bucket", labels + [("le", "+Inf")], "\(count)")
        add(name + "_sum", labels, "\(Self.seconds(histogram.sum))")
        add(name + "_count", labels, "\(count)")
    }

    private static func seconds(_ nanoseconds: Int64) -> Double {
        Double(nanoseconds) / 1_000_000_000
    }

    private mutating func add(_ name: String, _ labels: [(key: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

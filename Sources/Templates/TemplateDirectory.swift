internal import CTemplate

/// The templates of a directory, read and checked once.
@safe
public final class TemplateDirectory: @unchecked Sendable {
    // ctemplate's cache is safe for many threads once it is loaded and frozen.
    private let cache: OpaquePointer

    /// What each file begins with: values are escaped by where they stand.
    public static let marker = #"{{%AUTOESCAPE context="HTML"}}"#

    /// The document around every page; it includes the page as `MAIN`.
    public static let layout = "layout.html"

    /// A directory that cannot be used, and why.
    public struct Unusable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Loads the named pages, each within the layout.
    ///
    /// Layout, page and the parts that it includes (`{{>PART}}` is `part.html`) become
    /// one template here, once: an include would be looked up, with a dictionary of its
    /// own, each time a page is shown.
    ///
    /// - Parameters:
    ///   - pages: file names without their ending.
    ///   - constants: variables that are the same on every page, filled in once.
    ///     For the text of a document or an attribute, not for addresses that
    ///     somebody else chooses.
    /// - Throws: `Unusable` if a file is missing, malformed, or does not begin
    ///   with the marker: without it nothing would be escaped.
    public init(
        path: String, pages: [String], constants: KeyValuePairs<String, String> = [:]
    ) throws(Unusable) {
        unsafe cache = ctemplate_cache_create()
        let layout = try Self.content(of: "\(path)/\(Self.layout)")
        let parts = layout.split(separator: Self.place, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw Unusable(description: "\(path)/\(Self.layout) must hold \(Self.place) once")
        }
        for page in pages {
            let page = try (name: page, content: Self.page(page, in: path))
            var text = Self.fillIn(constants, Self.marker + parts[0] + page.content + parts[1])
            let isWellFormed = text.withUTF8 { text in
                unsafe text.withMemoryRebound(to: CChar.self) { text in
                    unsafe ctemplate_cache_add(cache, page.name, text.baseAddress!, text.count)
                }
            }
            guard isWellFormed else {
                throw Unusable(
                    description:
                        "\(path)/\(page.name).html is not a well-formed template within \(Self.layout)")
            }
        }
        unsafe ctemplate_cache_freeze(cache)
    }

    private static func fillIn(_ constants: KeyValuePairs<String, String>, _ text: String) -> String {
        constants.reduce(text) { text, constant in
            text.split(separator: "{{\(constant.key)}}", omittingEmptySubsequences: false)
                .joined(separator: escaped(constant.value))
        }
    }

    /// For HTML (WHATWG HTML, 13.3, and the single quote).
    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // What would begin a marker of the template.
            case "{": escaped += "&#123;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Where the page stands in the layout.
    private static let place = "{{>MAIN}}"

    /// The file of a page, with the parts that it includes.
    private static func page(_ page: String, in path: String) throws(Unusable) -> String {
        var whole = ""
        var rest = try Self.content(of: "\(path)/\(page).html")
        while let start = rest.firstRange(of: "{{>"),
            let end = rest[start.upperBound...].firstRange(of: "}}")
        {
            let name = rest[start.upperBound..<end.lowerBound].lowercased()
            let part = try Self.content(of: "\(path)/\(name).html")
            whole += rest[..<start.lowerBound]
            // The rest of the line is the page's.
            whole += part.last == "\n" ? part.dropLast() : part
            rest = rest[end.upperBound...]
        }
        return whole + rest
    }

    /// The file without the line of its marker.
    private static func content(of file: String) throws(Unusable) -> Substring {
        let content: String
        do {
            content = try text(of: file)
        } catch {
            throw Unusable(description: error.description)
        }
        guard content.hasPrefix(marker) else {
            throw Unusable(description: "\(file) does not begin with \(marker)")
        }
        let rest = content.dropFirst(marker.count)
        return rest.first == "\n" ? rest.dropFirst() : rest
    }

    deinit {
        unsafe ctemplate_cache_destroy(cache)
    }

    /// Expands a page within the layout.
    ///
    /// - Parameter values: one after the other; what comes later wins.
    public func render(page: String, _ values: Values...) throws(Unusable) -> [UInt8] {
        let root = unsafe ctemplate_dictionary_create()!
        defer { unsafe ctemplate_dictionary_destroy(root) }
        for values in values { unsafe fill(root, with: values) }

        var output: [UInt8] = []
        // As an argument it would become an array first.
        let isExpanded = unsafe page.withCString { page in
            unsafe withUnsafeMutablePointer(to: &output) { output in
                unsafe ctemplate_expand(
                    cache, page, root,
                    { context, bytes, length in
                        let text = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
                        unsafe context!.assumingMemoryBound(to: [UInt8].self).pointee = Array(text)
                    }, output)
            }
        }
        guard isExpanded else { throw Unusable(description: "the page \(page) cannot be expanded") }
        return output
    }

    private func fill(_ dictionary: OpaquePointer, with values: Values) {
        for variable in values.variables {
            unsafe withBytes(variable.name, variable.value) {
                unsafe ctemplate_dictionary_set(dictionary, $0, $1, $2, $3)
            }
        }
        for section in values.sections {
            section.name.withUTF8Buffer { name in
                unsafe name.withMemoryRebound(to: CChar.self) { name in
                    if section.values.isEmpty {
                        unsafe ctemplate_dictionary_show_section(dictionary, name.baseAddress!, name.count)
                    } else {
                        unsafe fill(
                            ctemplate_dictionary_add_section(dictionary, name.baseAddress!, name.count)!,
                            with: section.values)
                    }
                }
            }
        }
    }

    /// Gives name and value as the pointers and lengths that ctemplate takes.
    private func withBytes(
        _ name: StaticString, _ value: String,
        _ body: (UnsafePointer<CChar>, Int, UnsafePointer<CChar>, Int) -> Void
    ) {
        var value = value
        name.withUTF8Buffer { name in
            unsafe name.withMemoryRebound(to: CChar.self) { name in
                value.withUTF8 { value in
                    unsafe value.withMemoryRebound(to: CChar.self) { value in
                        // An empty string may have no address; ctemplate wants one.
                        unsafe body(
                            name.baseAddress!, name.count, value.baseAddress ?? name.baseAddress!, value.count
                        )
                    }
                }
            }
        }
    }
}

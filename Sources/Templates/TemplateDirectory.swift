internal import CTemplate
internal import Glibc

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

    /// Loads the named pages and the layout.
    ///
    /// - Parameter pages: file names without their ending.
    /// - Throws: `Unusable` if a file is missing, malformed, or does not begin
    ///   with the marker: without it nothing would be escaped.
    public init(path: String, pages: [String]) throws(Unusable) {
        unsafe cache = ctemplate_cache_create(path)
        for file in pages.map({ "\($0).html" }) + [Self.layout] {
            guard try Self.beginsWithMarker("\(path)/\(file)") else {
                throw Unusable(description: "\(path)/\(file) does not begin with \(Self.marker)")
            }
            guard unsafe ctemplate_cache_load(cache, file) else {
                throw Unusable(description: "\(path)/\(file) is not a well-formed template")
            }
        }
        unsafe ctemplate_cache_freeze(cache)
    }

    deinit {
        unsafe ctemplate_cache_destroy(cache)
    }

    /// Expands the layout around a page.
    ///
    /// - Parameters:
    ///   - everywhere: variables that layout and page share.
    public func render(
        page: String, _ values: Values, layout: Values, everywhere: Values
    ) throws(Unusable) -> [UInt8] {
        let root = unsafe ctemplate_dictionary_create()!
        defer { unsafe ctemplate_dictionary_destroy(root) }
        for (name, value) in everywhere.variables {
            unsafe withBytes(name, value) {
                unsafe ctemplate_dictionary_set_everywhere(root, $0, $1, $2, $3)
            }
        }
        unsafe fill(root, with: layout)
        let main = unsafe ctemplate_dictionary_include_main(root, "\(page).html")!
        unsafe fill(main, with: values)

        var output: [UInt8] = []
        let isExpanded = unsafe withUnsafeMutablePointer(to: &output) { output in
            unsafe ctemplate_expand(
                cache, Self.layout, root,
                { context, bytes, length in
                    let text = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
                    unsafe context!.assumingMemoryBound(to: [UInt8].self).pointee = Array(text)
                }, output)
        }
        guard isExpanded else { throw Unusable(description: "the page \(page) cannot be expanded") }
        return output
    }

    private func fill(_ dictionary: OpaquePointer, with values: Values) {
        for (name, value) in values.variables {
            unsafe withBytes(name, value) {
                unsafe ctemplate_dictionary_set(dictionary, $0, $1, $2, $3)
            }
        }
        for (name, values) in values.sections {
            name.withUTF8Buffer { name in
                unsafe name.withMemoryRebound(to: CChar.self) { name in
                    if values.isEmpty {
                        unsafe ctemplate_dictionary_show_section(dictionary, name.baseAddress!, name.count)
                    } else {
                        unsafe fill(
                            ctemplate_dictionary_add_section(dictionary, name.baseAddress!, name.count)!,
                            with: values)
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

    private static func beginsWithMarker(_ file: String) throws(Unusable) -> Bool {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Unusable(description: "\(file): \(unsafe String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var beginning = [UInt8](repeating: 0, count: marker.utf8.count)
        let count = unsafe read(descriptor, &beginning, beginning.count)
        return count == beginning.count && beginning.elementsEqual(marker.utf8)
    }
}

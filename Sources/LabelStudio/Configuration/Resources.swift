internal import Secrets

/// The files that the program needs beside itself.
struct Resources {
    /// Holds `templates` and `nginx`.
    let directory: String

    var templates: String { directory + "/templates" }
    var nginx: String { directory + "/nginx" }

    /// Stands for resources that were not found; never used after a fault.
    static let none = Resources(unchecked: "/nonexistent")

    /// Nil if the directory does not hold them.
    init?(directory: String) {
        let directory = Files.absolute(directory)
        guard Files.exists(directory + "/templates/layout.html"),
            Files.exists(directory + "/nginx/fastcgi.conf")
        else { return nil }
        self.directory = directory
    }

    private init(unchecked directory: String) {
        self.directory = directory
    }

    /// Above the executable (a checkout), or where packages put them.
    static func find() -> Resources? {
        var directory = Files.executable()[...]
        while let slash = directory.lastIndex(of: "/") {
            directory = directory[..<slash]
            if let found = Resources(directory: String(directory)) { return found }
        }
        return Resources(directory: "/usr/share/label-studio")
    }

    /// Names the content of the static files: it changes when one of them does.
    func assetsVersion() throws(Files.Failure) -> String {
        let directory = nginx + "/static"
        var content: [UInt8] = []
        for name in try Files.names(in: directory) {
            content += digest(Array(name.utf8)) + digest(try Files.read(directory + "/" + name))
        }
        return Encoding.hexadecimal(digest(content).prefix(8))
    }
}

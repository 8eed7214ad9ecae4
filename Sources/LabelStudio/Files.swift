internal import Glibc

/// Files and directories, over the system's calls.
enum Files {
    /// The message names the file and says what the system said.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ path: String, _ code: Int32 = errno) {
            description = "\(path): \(unsafe String(cString: strerror(code)))"
        }
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Whether nothing is there. What we may not look at may be there.
    static func isAbsent(_ path: String) -> Bool {
        unsafe access(path, F_OK) != 0 && [ENOENT, ENOTDIR].contains(errno)
    }

    /// Whether it is a program that we may run.
    static func isExecutable(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0 && isPlain(path, notLongerThan: .max)
    }

    static func isReadable(_ path: String) -> Bool {
        unsafe access(path, R_OK) == 0
    }

    /// Whether we have no right to read it. It may not even be there.
    static func isForbidden(_ path: String) -> Bool {
        unsafe access(path, R_OK) != 0 && errno == EACCES
    }

    /// Whether users of no concern to the file can read or change it (`stat`).
    static func isOpenToOthers(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & 0o027 != 0
    }

    /// Whose a file is (`stat`); nil if there is none.
    static func owner(of path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_uid : nil
    }

    /// The status of a link itself, or of what is no link (`lstat`); nil if nothing
    /// is there.
    static func linkStatus(_ path: String) -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }

    /// The status of a file, or of the directory in which it could be made.
    static func nearestStatus(_ path: String) -> stat {
        var path = path
        var status = stat()
        while unsafe stat(path, &status) != 0, path != "/" { path = directory(of: path) }
        return status
    }

    /// The path from the root; a path that begins elsewhere begins here.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return unsafe String(cString: directory) + "/" + path
    }

    /// `realpath`: the path without links; nil if nothing is there.
    static func resolved(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Whether it is a file, and no directory or device, of so many bytes at most.
    static func isPlain(_ path: String, notLongerThan limit: Int) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_size <= limit
    }

    /// Where a file of this path lies.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path of this program.
    static func executable() -> String {
        guard let path = unsafe realpath("/proc/self/exe", nil) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe Glibc.read(file, &part, part.count)
            guard count >= 0 else { throw Failure(path) }
            if count == 0 { return content }
            content += part[..<count]
        }
    }

    /// Writes a new file, or replaces one; nobody ever sees half of it.
    static func write(_ content: [UInt8], to path: String) throws(Failure) {
        let temporary = path + ".new"
        try write(content, to: temporary, flags: O_TRUNC)
        guard unsafe rename(temporary, path) == 0 else { throw Failure(path) }
    }

    /// Makes a file that is not there yet, complete or not at all. If another
    /// process was faster, its file stays. Only its owner can read it.
    static func create(_ path: String, _ content: [UInt8]) throws(Failure) {
        let temporary = "\(path).\(getpid()).new"
        try write(content, to: temporary, flags: O_TRUNC)
        defer { unsafe unlink(temporary) }
        guard unsafe link(temporary, path) == 0 || errno == EEXIST else { throw Failure(path) }
        if let slash = path.lastIndex(of: "/") { try synchronize(directory: String(path[..<slash])) }
    }

    /// A name beside a file, for what will take its place.
    static func temporary(for path: String) -> String {
        "\(path).\(getpid()).new"
    }

    /// Gives a file another name too.
    static func addName(_ name: String, to path: String) throws(Failure) {
        guard unsafe link(path, name) == 0 else { throw Failure(name) }
        try synchronize(directory: directory(of: name))
    }

    /// Gives a complete file the name that it is meant to have, unless that is
    /// taken.
    static func publish(_ temporary: String, as path: String) throws(Failure) {
        try addName(path, to: temporary)
        unsafe unlink(temporary)
    }

    static func move(_ path: String, to name: String) throws(Failure) {
        guard unsafe rename(path, name) == 0 else { throw Failure(name) }
        try synchronize(directory: directory(of: name))
    }

    /// Removes a database of ours, if it is there, and what SQLite puts beside it.
    static func removeDatabase(_ path: String) {
        for end in ["", "-journal", "-wal", "-shm"] { unsafe unlink(path + end) }
    }

    /// Makes sure that the names in a directory are on the disk.
    private static func synchronize(directory: String) throws(Failure) {
        let descriptor = unsafe open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(directory) }
    }

    private static func write(_ content: [UInt8], to path: String, flags: Int32) throws(Failure) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        let count = unsafe content.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        guard count == content.count, fsync(file) == 0 else { throw Failure(path) }
    }

    /// Makes a directory and those above it; only we can enter the new ones.
    static func makeDirectory(_ path: String) throws(Failure) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
        }
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(path) }
    }

    static func checkWritable(_ directory: String) throws(Failure) {
        guard unsafe access(directory, W_OK | X_OK) == 0 else { throw Failure(directory) }
    }

    /// The names of the files in a directory, sorted.
    static func names(in directory: String) throws(Failure) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw Failure(directory) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}

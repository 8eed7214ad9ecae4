internal import Glibc

/// A file that is open: what may be done with it was settled when it was opened.
final class OpenFile {
    let path: String
    private let descriptor: Int32
    private let isOurs: Bool

    convenience init(reading path: String) throws(Files.Failure) {
        try self.init(path, O_RDONLY)
    }

    /// A new file that only its owner can read.
    convenience init(creating path: String) throws(Files.Failure) {
        try self.init(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    private init(_ path: String, _ flags: Int32) throws(Files.Failure) {
        self.path = path
        isOurs = true
        descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.Failure(path) }
    }

    private init(descriptor: Int32, named name: String) {
        path = name
        self.descriptor = descriptor
        isOurs = false
    }

    static var standardOutput: OpenFile { OpenFile(descriptor: STDOUT_FILENO, named: "standard output") }

    deinit {
        if isOurs { close(descriptor) }
    }

    /// All of it, from the beginning of the file.
    func read() throws(Files.Failure) -> [UInt8] {
        var content: [UInt8] = []
        try forEachPart { (part) throws(Files.Failure) in content += part }
        return content
    }

    /// Copies what is in it to the end of another file.
    func copy(to other: OpenFile) throws(Files.Failure) {
        try forEachPart { (part) throws(Files.Failure) in try other.write(part) }
    }

    /// `fsync`: what was written is on the disk.
    func synchronize() throws(Files.Failure) {
        guard fsync(descriptor) == 0 else { throw Files.Failure(path) }
    }

    /// Runs a program that writes its standard output to this file.
    ///
    /// - Returns: its exit status; nil if it could not be started, or was killed.
    func takeOutput(of program: String, _ arguments: [String]) -> Int32? {
        ChildProcess.run(program, arguments, output: descriptor)
    }

    private func forEachPart(_ body: (ArraySlice<UInt8>) throws(Files.Failure) -> Void) throws(Files.Failure)
    {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Files.Failure(path) }
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { throw Files.Failure(path) }
            if count == 0 { return }
            try body(part[..<count])
        }
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(Files.Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Files.Failure(path) }
            rest.removeFirst(count)
        }
    }
}

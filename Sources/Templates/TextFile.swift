internal import Glibc

/// A file that cannot be read; the text says which and why.
struct UnreadableFile: Error {
    let description: String
}

/// The content of a file of text.
func text(of path: String) throws(UnreadableFile) -> String {
    guard let file = unsafe fopen(path, "re") else {
        throw UnreadableFile(description: "\(path): \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 8192)
    while case let count = unsafe fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}

internal import CTLS

/// TLS with a server whose certificate is to be looked at. The connection is made
/// whatever it says: nothing secret belongs there.
@safe
public final class TLSProbe {
    private let connection: OpaquePointer

    /// There was no handshake; what OpenSSL says about it.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - socket: is connected, and stays the caller's.
    ///   - host: the name or address of the server.
    public init(socket: Int32, host: String) throws(Failure) {
        let size = 200
        var why = [CChar](repeating: 0, count: size)
        guard let connection = unsafe tls_begin(socket, host, &why, size) else {
            throw Failure(description: Self.text(why))
        }
        unsafe self.connection = connection
    }

    deinit {
        unsafe tls_end(connection)
    }

    /// Why this machine does not trust the certificate; nil if it does. Whom it is
    /// for is another question.
    public var distrust: String? {
        unsafe tls_distrust(connection).map { unsafe String(cString: $0) }
    }

    /// How long the certificate is valid, in seconds; negative if it was.
    public var secondsLeft: Int64 {
        unsafe tls_seconds_left(connection)
    }

    /// Whether the certificate is for this name or address.
    public func isFor(_ host: String) -> Bool {
        unsafe tls_is_for(connection, host) != 0
    }

    /// The host names in the certificate.
    public var names: String {
        let size = 500
        var names = [CChar](repeating: 0, count: size)
        unsafe tls_names(connection, &names, size)
        return Self.text(names)
    }

    /// - Returns: false if not all of it could be sent.
    public func write(_ bytes: [UInt8]) -> Bool {
        unsafe tls_write(connection, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    /// What comes next; empty at the end, nil if the connection fails.
    public func read() -> [UInt8]? {
        var part = [UInt8](repeating: 0, count: 4096)
        let count = unsafe tls_read(connection, &part, Int32(part.count))
        return count < 0 ? nil : Array(part[..<Int(count)])
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

internal import Glibc
internal import Secrets
internal import Web

/// The file with the key of the installation.
enum KeyFile {
    /// Reads the key; makes one (mode 0600) if there is neither a key nor a
    /// database yet.
    static func open(_ path: String, isFirstStart: Bool) throws -> MasterKey {
        if Files.isAbsent(path) {
            guard isFirstStart else {
                throw Service.Failure(
                    line: "the key file \(path) is missing, but the database was made with one; put it back")
            }
            try Files.create(path, Randomness.system.bytes(MasterKey.length))
        }
        if Files.isOpenToOthers(path) {
            Terminal.note(
                "label-studio: other users of this machine can read \(path): chmod 600 it", .warning)
        }
        return try read(path)
    }

    static func read(_ path: String) throws -> MasterKey {
        let content: [UInt8]
        do {
            content = try Files.read(path)
        } catch {
            throw Service.Failure(
                line: "the key file cannot be read: \(error); run this as root, or as whom it belongs to")
        }
        guard let key = MasterKey(content) else {
            throw Service.Failure(line: "\(path) is not a key: it must hold \(MasterKey.length) bytes")
        }
        return key
    }

    /// A key that is not kept.
    static func random() -> MasterKey {
        MasterKey(Randomness.system.bytes(MasterKey.length))!
    }
}

internal import FastCGI
internal import Glibc
internal import Web

/// The responder behind its socket: that of the service, or of `start`.
enum ResponderCheck {
    /// Where label-studio.socket listens.
    private static let serviceSocket = "/run/label-studio/label-studio.sock"

    static func findings(_ configuration: Configuration) -> [Finding] {
        let others = [NginxConfiguration(configuration).socket, serviceSocket]
        guard let path = configuration.socket.map(Files.absolute) ?? others.first(where: Files.exists) else {
            return [.warning("no socket of a responder was found: is it running? --socket names another one")]
        }
        let prefix = configuration.publicAddress?.prefix ?? ""
        switch answer(of: path, to: prefix + "/api/version") {
        case .failure(let failure) where failure.code == EACCES:
            return [.warning("\(failure): run this as root to try the responder")]
        case .failure(let failure):
            return [.fault("nobody listens on the socket of the responder: \(failure); start the server")]
        case .success(false):
            return [
                .fault(
                    "the responder on \(path) does not answer within 5 seconds: restart it, and look into its log"
                )
            ]
        case .success(true):
            return [.ok("the responder on \(path) answers")]
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        let code: Int32
        let description: String
    }

    private static func answer(of path: String, to target: String) -> Result<Bool, Refused> {
        guard let address = UnixAddress(path) else {
            return .failure(Refused(code: ENAMETOOLONG, description: "the path is too long: \(path)"))
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        guard unsafe address.withPointer({ unsafe connect(descriptor, $0, $1) == 0 }) else {
            let code = errno
            return .failure(Refused(code: code, description: "\(Files.Failure(path, code))"))
        }
        return .success(Responder.answers(target, on: descriptor, until: .now + .seconds(5)))
    }
}

public import Accounts
internal import Glibc
internal import Upstream

/// How a person comes in who stands before the gate.
extension Enroller {
    public enum Outcome: Sendable, Equatable {
        /// He is this one there.
        case paired(Int64)
        /// Somebody else is still making his account, or was interrupted at it.
        case busy
        /// His address has an account there that may not be his: he can show its
        /// password, or wait for the owner.
        case toBeConfirmed
        /// No Label Studio was added yet, and he is no owner.
        case notAdded
        /// He is an owner, and it could not be added. After `.closed` and
        /// `.ownerIsThere` he can show the password that he has there.
        case refused(AdditionRefusal)
        /// Another one was added, at this address.
        case elsewhere(String)
        /// It has another database than the one that was added: nobody is anybody.
        case otherDatabase
    }

    /// Who somebody is there. If he is nobody, an account is made for him; if no
    /// Label Studio was added yet and he is an owner, it is added. While somebody
    /// else is at it, this waits.
    ///
    /// - Throws: `UpstreamFailure`, `Accounts.PairRefusal` or `DatabaseError`. After
    ///   any of them, it can be tried again.
    public func enter(_ user: User.ID, from client: Client) throws -> Outcome {
        let end = ContinuousClock.now + patience
        while true {
            let outcome = try attempt(user, from: client)
            guard outcome == .busy, ContinuousClock.now < end else { return outcome }
            usleep(Self.pause)
        }
    }

    /// Microseconds between two looks.
    private static let pause: useconds_t = 200_000

    private func attempt(_ user: User.ID, from client: Client) throws -> Outcome {
        if let upstream = try accounts.upstream() {
            guard upstream.address == server.address.description else { return .elsewhere(upstream.address) }
        } else {
            guard try accounts.isOwner(user) else { return .notAdded }
            do {
                try add(by: user, from: client)
            } catch AdditionRefusal.busy, AdditionRefusal.present {
                return .busy
            } catch let refusal as AdditionRefusal {
                return .refused(refusal)
            }
        }
        switch try enroll(user, from: client) {
        case .paired(let other): return .paired(other)
        case .busy: return .busy
        case .toBeConfirmed: return .toBeConfirmed
        case .otherDatabase: return .otherDatabase
        }
    }

    /// Why Label Studio leads a person to its log-in page.
    public enum Admission: Sendable, Equatable {
        /// It lets him in; it was something that has passed.
        case fine
        /// The key that we sign with is not its own.
        case wrongKey
        /// There is no such account (any more), or it is inactive, or personal access
        /// tokens are switched off there.
        case unknown
        /// The account was removed from its organization there.
        case withoutOrganization
    }

    /// - Throws: `UpstreamFailure`, and never `.wrongKey` or `.unknownUser`.
    public func admission(of upstreamUser: Int64) throws -> Admission {
        do {
            switch try server.standing(of: upstreamUser) {
            case .letIn: return .fine
            case .withoutOrganization: return .withoutOrganization
            case .unknown: try server.checkKey()
            }
            return .unknown
        } catch UpstreamFailure.wrongKey {
            return .wrongKey
        }
    }
}

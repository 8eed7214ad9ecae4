internal import Accounts
internal import Photos

extension ImportReport {
    /// What an operator reads: numbers first, then whatever is not as it was.
    var lines: [String] {
        var lines = [
            "Imported: \(counted(people, "person", "people")), \(counted(projects, "project", "projects")), "
                + "\(counted(apiTokens, "API token", "API tokens")), "
                + counted(refreshTokens, "personal access token", "personal access tokens")
        ]
        if knownPeople + knownProjects > 0 {
            lines.append(
                "Imported before and left as they are: \(counted(knownPeople, "person", "people")), "
                    + counted(knownProjects, "project", "projects"))
        }
        if tookOrganization {
            lines.append(
                "The organization's title and session policy were taken over"
                    + (tookInviteLink ? "; its invite link works until it is reset" : ""))
        }
        return (lines + notes.map(\.sentence)).map(Self.visible)
    }

    /// What the foreign file holds must not look like a line of ours, or steer
    /// the terminal.
    private static func visible(_ line: String) -> String {
        line.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
    }

    private func counted(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}

extension ImportNote {
    fileprivate var sentence: String {
        switch self {
        case .malformedEmail(let person, let email):
            "Not imported: user \(person), whose address \"\(email)\" is not an e-mail address"
        case .clash(let person, let email, let other):
            "Not imported: user \(person), whose address \"\(email)\" is that of user \(other) "
                + "but for upper and lower case"
        case .alreadyHere(let email):
            "Not imported: \(email) has an account here, which was left as it is"
        case .noPassword(let email):
            "\(email) had no password; a link to set one: label-studio user reset-link \(email)"
        case .unknownPassword(let email):
            "\(email) has a password in a form that is not known here; "
                + "a link to set a new one: label-studio user reset-link \(email)"
        case .removed(let email):
            "\(email) was removed there and is removed here, without tokens"
        case .withoutOrganization(let email):
            "\(email) was not in the organization and counts as removed; "
                + "to let the person in: label-studio user restore \(email)"
        case .deactivated(let email):
            "\(email) was inactive and is deactivated; to change that: label-studio user reactivate \(email)"
        case .superuser(let email):
            "\(email) was a superuser and is a member; to make the person an owner: "
                + "label-studio user make-owner \(email)"
        case .ownerChosen(let email?):
            "\(email) is the owner now: the owner there could not be"
        case .ownerChosen(nil):
            "Nobody is an owner: nobody there could be one. To make one: label-studio user make-owner EMAIL"
        case .ownerIsMember(let email):
            "\(email) was the owner there and is a member here; to make the person an owner: "
                + "label-studio user make-owner \(email)"
        case .organizationKept(let title):
            "The organization \"\(title)\" was here already: its title, session policy, owners "
                + "and invite link stay"
        case .newAPIToken(let email):
            "\(email) has a new API token: there was none that could be kept"
        case .newInviteLink:
            "The invite link is a new one: there was none that could be kept"
        case .inviteLinkKnown(let removed):
            "The invite link may be known to \(removed) who were removed; "
                + "to replace it: label-studio invite reset"
        case .refreshTokensWithoutKey(let count):
            "Not imported: \(count) personal access tokens; they need the SECRET_KEY of that Label Studio: "
                + "run it again with --secret-key-file FILE"
        case .apiTokensWereOff:
            "Personal access tokens were switched off there, and are off here; "
                + "an owner switches them on: Organization, Access"
        case .legacyTokensWereOff:
            "API tokens (legacy tokens) were switched off there, and are off here; "
                + "an owner switches them on: Organization, Access"
        case .photo(let email, let file, let problem):
            "Not imported: the photo of \(email), \(file) in the media folder: \(problem.words)"
        case .hotkeys(let email):
            "Not imported: the keyboard shortcuts of \(email), which are not in the form that is known here"
        case .contactInfo(let text):
            "Not imported: the contact address of the organization, for \"\(text)\" is not an e-mail address"
        case .newNumbers:
            "People and projects have new numbers: one of those there is not between 1 and \(Int32.max)"
        case .untitledProject(let title):
            "A project without a title is called \"\(title)\" now"
        case .projectWithoutAuthor(let title):
            "The project \"\(title)\" has no author any more"
        case .otherProjects(let count):
            "Not imported: \(count) projects that are deleted or belong to another organization"
        case .otherOrganizations(let count):
            "Not imported: \(count) more organizations"
        }
    }
}

extension ImportNote.PhotoProblem {
    fileprivate var words: String {
        switch self {
        case .unreadable: "there is no such file, or it cannot be read"
        case .unusable(.tooLong): "it is longer than 1 MiB"
        case .unusable(.unknownFormat): "it is not PNG, JPEG, GIF or WebP"
        case .unusable(.tooLarge): "it has more than \(Photo.sideLimit) pixels a side"
        case .unusable(.broken): "it is damaged"
        }
    }
}

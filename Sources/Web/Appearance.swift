internal import HTTP

/// Light or dark colours, if a visitor chose; else his system decides. A script on the
/// pages writes the cookie (`app.js`); here it is only read, so that the first thing
/// that is painted has the right colours.
enum Appearance: String, CaseIterable {
    case light
    case dark

    static let cookieName = "label_studio_appearance"

    init?(_ cookies: Cookies) {
        guard let value = cookies[Self.cookieName], let appearance = Appearance(rawValue: value) else {
            return nil
        }
        self = appearance
    }
}

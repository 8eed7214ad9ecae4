extension Site {
    /// Where home, projects and files of ours are if a labeling server stands behind
    /// the gate, which has these addresses, too (`nginx/labeling-server.conf`).
    static let ownSegments = ["-", "accounts"]

    /// Below the prefix of the site; "" if they stand at its beginning.
    public static func ownPages(_ isBesideLabelingServer: Bool) -> String {
        isBesideLabelingServer ? ownSegments.map { "/" + $0 }.joined() : ""
    }

    var ownPages: String { Self.ownPages(labelingServer != nil) }
}

public struct UserAgent {
    public let browser: String?; public let system: String?
    public init(_ header: String) { browser = nil; system = nil }
}

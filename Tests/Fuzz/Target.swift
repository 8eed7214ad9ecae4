import Accounts
import HTTP
import Photos

@testable import FastCGI
@testable import Web

/// One input for one parser: the first byte says which. What a parser accepts
/// has to keep what the rest of the product relies on; if it does not, or if
/// anything traps, the fuzzer has found something.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let selector = input.first else { return 0 }
    let content = Array(input.dropFirst())
    let text = String(decoding: content, as: UTF8.self)
    switch selector {
    case UInt8(ascii: "f"): form(text)
    case UInt8(ascii: "c"): cookies(text)
    case UInt8(ascii: "t"): target(text)
    case UInt8(ascii: "p"): percentCoding(text, content)
    case UInt8(ascii: "h"): publicAddress(text)
    case UInt8(ascii: "n"): network(text)
    case UInt8(ascii: "x"): forwarded(text)
    case UInt8(ascii: "e"): email(text)
    case UInt8(ascii: "j"): json(content)
    case UInt8(ascii: "m"): multipart(content)
    case UInt8(ascii: "i"): photo(content)
    case UInt8(ascii: "r"): records(content)
    default: return -1
    }
    return 0
}

private func form(_ text: String) {
    guard let form = Form(parsing: text[...]) else { return }
    let pairs = text.utf8.split(separator: UInt8(ascii: "&"))
    precondition(pairs.count <= Form.fieldLimit)
    for name in ["email", "password", "next", "token", ""] {
        guard let value = form[name] else { continue }
        #if PLANTED_BUG
        precondition(!value.utf8.contains(0), "the planted bug")
        #endif
        let again = "\(PercentCoding.encode(name))=\(PercentCoding.encode(value))"
        let same = Form(parsing: again[...])?[name]
        precondition(same.map { $0.utf8.elementsEqual(value.utf8) } ?? false, "a field changes")
        // Whoever splits at the separators first reads the same.
        precondition(pairs.contains { Form(parsing: Substring($0))?[name] != nil }, "a field from nowhere")
    }
}

private func cookies(_ text: String) {
    for name in ["sessionid", "csrftoken", "__Host-sessionid", "a", ""] {
        guard let value = Cookies(header: text)[name] else { continue }
        precondition(!value.utf8.contains(UInt8(ascii: ";")), "a cookie holds another")
        precondition(value.utf8.last != 0x20 && value.utf8.last != 0x09, "white space at the end")
        let again = Cookies(header: "other=1; \(name)=\(value)")[name]
        precondition(again.map { $0.utf8.elementsEqual(value.utf8) } ?? false, "a cookie changes")
    }
}

private func target(_ text: String) {
    let target = Target(parsing: text)
    precondition(target.query.utf8.count <= text.utf8.count)
    guard let path = target.path else { return }
    precondition(text.utf8.first == UInt8(ascii: "/"))
    for segment in path.segments {
        precondition(segment != "" && segment != "." && segment != "..", "a segment that climbs")
        precondition(
            segment.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }, "no segment")
    }
    let encoded = path.segments.map { "/" + PercentCoding.encodePath($0) }.joined()
    let again = Path(parsing: encoded.isEmpty ? "/" : encoded[...])
    precondition(
        again?.segments.map { Array($0.utf8) } == path.segments.map { Array($0.utf8) }, "a path changes")
    let below = path.removing(prefix: ["labels"])
    precondition(below.segments.count + 1 >= path.segments.count)
}

private func percentCoding(_ text: String, _ bytes: [UInt8]) {
    for plusIsSpace in [true, false] {
        let encoded = PercentCoding.encode(text)
        let again = PercentCoding.decode(encoded[...], plusIsSpace: plusIsSpace)
        precondition(again.map { $0.utf8.elementsEqual(text.utf8) } ?? false, "a text changes")
        if let decoded = PercentCoding.decode(text[...], plusIsSpace: plusIsSpace) {
            precondition(decoded.utf8.count <= text.utf8.count)
        }
    }
    let path = PercentCoding.encodePath(text)
    precondition(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a path that no header can hold")
    precondition(path.utf8.allSatisfy { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    let again = PercentCoding.decode(path[...], plusIsSpace: false)
    precondition(again.map { $0.utf8.elementsEqual(text.utf8) } ?? false, "a path changes")
}

private func publicAddress(_ text: String) {
    guard let address = PublicAddress(parsing: text) else { return }
    check(address)
    _ = address.isLocal
    let again = PublicAddress(parsing: address.origin + address.prefix)
    precondition(again?.origin == address.origin && again?.prefix == address.prefix, "an address changes")
}

/// An origin stands in headers, links and log lines.
private func check(_ address: PublicAddress) {
    let isPlain = address.host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: ".-_:[]".utf8.contains(byte)
        }
    }
    precondition(isPlain && !address.host.isEmpty, "a host that is none")
    precondition(address.origin == (address.isSecure ? "https://" : "http://") + address.host)
    precondition(
        address.prefix.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a prefix that no header can hold")
    precondition(!address.prefix.hasPrefix("//") && !address.prefix.hasSuffix("/"))
}

private func network(_ text: String) {
    if let address = IPAddress(text) {
        precondition(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "an address with something behind it")
        precondition(IPAddress(address.description) == address)
        precondition(IPNetwork(text)?.contains(address) ?? false, "a network without its own address")
        precondition(IPNetwork("\(text)/0")?.contains(address) ?? text.contains(":"))
        _ = address.isLoopback
    }
    guard let network = IPNetwork(text) else { return }
    let base = text.split(separator: "/")[0]
    precondition(IPAddress(String(base)).map(network.contains) ?? false, "a network without its base")
    precondition(!network.contains(IPAddress("192.0.2.1")!) || !network.contains(IPAddress("2001:db8::1")!))
}

private let addresses = Addresses(
    configured: nil, trustedProxies: ["10.0.0.0/8", "::1", "2001:db8::/32"].compactMap(IPNetwork.init))

/// Lines: peer, scheme, host, and the three fields of proxies.
private func forwarded(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func line(_ index: Int) -> String? { lines.indices.contains(index) ? lines[index] : nil }
    var request = Request(
        method: .get, target: "/", scheme: line(1) ?? "http", remoteAddress: line(0) ?? "")
    request.header.host = line(2)
    request.header.forwardedFor = line(3)
    request.header.forwardedProto = line(4)
    request.header.forwardedHost = line(5)
    let address = addresses.address(of: request)
    check(address)
    precondition(address.prefix == "")
    precondition(PublicAddress(parsing: address.origin)?.origin == address.origin, "an address changes")
    let client = addresses.client(of: request)
    precondition(client != nil || IPAddress(request.remoteAddress) == nil, "a client gets lost")
    _ = addresses.hint(about: request)
}

private func email(_ text: String) {
    guard let address = try? EmailAddress(parsing: text) else { return }
    precondition(address.text.unicodeScalars.count <= EmailAddress.maximumLength)
    precondition(address.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "a control")
    precondition(address.text.contains("@"))
    precondition(address.text.utf8.allSatisfy { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
    for other in [address.text, " \(address.text)\t", address.text.uppercased()] {
        guard let again = try? EmailAddress(parsing: other) else {
            precondition(other != address.text, "an address is refused the second time")
            continue
        }
        precondition(
            other != address.text || again.text.utf8.elementsEqual(address.text.utf8), "an address changes")
    }
}

private func json(_ bytes: [UInt8]) {
    guard let value = try? JSON(parsing: bytes) else { return }
    let encoded = value.encoded
    precondition(!encoded.contains { $0 < 0x20 || "<>&".utf8.contains($0) }, "not harmless inside HTML")
    guard let again = try? JSON(parsing: encoded) else { fatalError("what was written cannot be read") }
    precondition(again == value, "a value changes")
    precondition(again.encoded == encoded, "a value is written otherwise")
}

/// A form with files: what is found lies within the body, in order, and is
/// found again when it is written anew.
private func multipart(_ bytes: [UInt8]) {
    guard let form = Multipart(parsing: bytes, contentType: "multipart/form-data; boundary=b") else { return }
    precondition(form.parts.count <= Multipart.partLimit)
    var end = 0
    var again: [UInt8] = []
    for part in form.parts {
        precondition(part.content.startIndex >= end && part.content.endIndex <= bytes.count)
        end = part.content.endIndex
        precondition(!part.name.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }, "a control")
        again += Array("--b\r\nContent-Disposition: form-data; name=\"".utf8)
        again += part.name.utf8.flatMap { "\"\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        again += Array("\"\r\n\r\n".utf8)
        again += Array(part.content) + Array("\r\n".utf8)
    }
    again += Array("--b--".utf8)
    let same = Multipart(parsing: again, contentType: "multipart/form-data; boundary=b")
    precondition(
        same?.parts.map { Array($0.content) } == form.parts.map { Array($0.content) }, "a part changes")
    precondition(
        same?.parts.map { Array($0.name.utf8) } == form.parts.map { Array($0.name.utf8) }, "a name changes")
    _ = form.firstFile
    _ = Form(form)
}

/// A file of a picture: what becomes a photo is small, of our two kinds, and is
/// taken again.
private func photo(_ bytes: [UInt8]) {
    guard let photo = try? Photo(bytes[...]) else { return }
    precondition(
        photo.bytes.starts(with: photo.format == .png ? [0x89, 0x50, 0x4e, 0x47] : [0xff, 0xd8, 0xff]))
    guard let again = try? Photo(photo.bytes[...]) else { fatalError("a photo of ours is refused") }
    precondition(again.format == photo.format, "a photo changes its kind")
}

/// The records of a request: whatever is ready was incomplete before, never
/// malformed, and what comes behind it changes nothing.
private func records(_ content: [UInt8]) {
    guard RequestScan(content.span, bodyLimit: BodyLimit(1_000)) == .ready else { return }
    for count in Set([0, 1, 8, 24, content.count / 2, content.count - 1]) where count < content.count {
        precondition(
            RequestScan(Array(content.prefix(count)).span, bodyLimit: BodyLimit(1_000)) != .malformed)
    }
    precondition(RequestScan((content + [1, 2, 3]).span, bodyLimit: BodyLimit(1_000)) == .ready)
}

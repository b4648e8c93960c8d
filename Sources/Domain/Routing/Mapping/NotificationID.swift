internal import Digest

/// Makes notification ids: UUIDs of version 5 (RFC 9562) in the URL namespace, of event source, event id, route name,
/// channel and recipient joined by line feeds. The same input always gives the same id.
package struct NotificationID: ~Copyable {
    /// 6ba7b811-9dad-11d1-80b4-00c04fd430c8
    private static let urlNamespace: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
    ]
    /// The length of an id's text.
    package static let length = 36

    private let hash = SHA1()
    private var name = Self.urlNamespace
    private var eventEnd = Self.urlNamespace.count

    package init() {}

    /// Begins the ids of one event.
    package mutating func begin(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        name.removeLast(name.count - Self.urlNamespace.count)
        name.append(contentsOf: source)
        name.append(0x0A)
        name.append(contentsOf: id)
        eventEnd = name.count
    }

    /// Appends the text of the id of one notification of that event.
    package mutating func append(
        route: [UInt8], channel: StaticString, recipient: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) {
        name.removeLast(name.count - eventEnd)
        name.append(0x0A)
        name.append(contentsOf: route)
        name.append(0x0A)
        name.append(contentsOf: UnsafeBufferPointer(start: channel.utf8Start, count: channel.utf8CodeUnitCount))
        name.append(0x0A)
        name.append(contentsOf: recipient)
        name.withUnsafeBytes { bytes in
            hash.withDigest(of: bytes) { Self.appendText(of: $0, to: &output) }
        }
    }

    private static func appendText(of digest: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { uuid in
            uuid.copyMemory(from: UnsafeRawBufferPointer(rebasing: digest[..<16]))
            uuid[6] = uuid[6] & 0x0F | 0x50
            uuid[8] = uuid[8] & 0x3F | 0x80
            let uuid = UnsafeRawBufferPointer(uuid)
            for (position, part) in [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].enumerated() {
                if position > 0 { output.append(UInt8(ascii: "-")) }
                Hex.append(UnsafeRawBufferPointer(rebasing: uuid[part]), to: &output)
            }
        }
    }
}

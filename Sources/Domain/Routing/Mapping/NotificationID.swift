internal import Digest
package import JSONBytes

/// Makes notification ids: UUIDs of version 5 (RFC 9562) in the URL namespace, of event source, event id, route name,
/// channel and recipient joined by line feeds. The same input always gives the same id.
package struct NotificationID: ~Copyable {
    /// 6ba7b811-9dad-11d1-80b4-00c04fd430c8
    private static let urlNamespace: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
    ]
    /// The length of an id's text.
    package static let length = 36

    private var name = ByteBuffer()
    private var digest = ByteBuffer(capacity: SHA1.length)
    /// The end of the namespace, and of what the ids of one event have in common.
    private let namespaceEnd: Int
    private var eventEnd: Int

    package init() {
        name.append(Self.urlNamespace)
        namespaceEnd = name.count
        eventEnd = name.count
    }

    /// Begins the ids of one event.
    package mutating func begin(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        name.truncate(to: namespaceEnd)
        name.append(source)
        name.append("\n")
        name.append(id)
        eventEnd = name.count
    }

    /// Appends the text of the id of one notification of that event.
    package mutating func append(
        route: [UInt8], channel: StaticString, recipient: UnsafeRawBufferPointer, to output: inout ByteBuffer
    ) {
        name.truncate(to: eventEnd)
        name.append("\n")
        name.append(route)
        name.append("\n")
        name.append(channel)
        name.append("\n")
        name.append(recipient)
        digest.removeAll()
        digest.append(count: SHA1.length) { SHA1.hash(name.bytes, to: $0) }
        output.append(count: Self.length) { Self.write(digest.bytes, to: $0) }
    }

    /// The digest's first 16 bytes in the groups 8-4-4-4-12, with version and variant.
    private static func write(_ digest: UnsafeRawBufferPointer, to text: UnsafeMutablePointer<UInt8>) {
        let target = UnsafeMutableRawPointer(text)
        func word(_ index: Int) -> UInt32 {
            UInt32(bigEndian: digest.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        func write(_ digits: UInt64, at position: Int) {
            target.storeBytes(of: digits.bigEndian, toByteOffset: position, as: UInt64.self)
        }
        // A word's eight digits with a dash in the middle: the second four are written again, one place further.
        func writeHalves(_ digits: UInt64, at position: Int) {
            write(digits, at: position + 1)
            target.storeBytes(
                of: UInt32(truncatingIfNeeded: digits >> 32).bigEndian, toByteOffset: position, as: UInt32.self)
            text[position + 4] = UInt8(ascii: "-")
        }
        write(Hex.digits(word(0)), at: 0)
        text[8] = UInt8(ascii: "-")
        writeHalves(Hex.digits(word(1) & 0xFFFF_0FFF | 0x5000), at: 9)
        text[18] = UInt8(ascii: "-")
        writeHalves(Hex.digits(word(2) & 0x3FFF_FFFF | 0x8000_0000), at: 19)
        write(Hex.digits(word(3)), at: 28)
    }
}

/// The body of an HTML form: `application/x-www-form-urlencoded`.
struct FormBody {
    static let contentType = "application/x-www-form-urlencoded"

    private(set) var bytes: [UInt8] = []

    /// Adds a field. Names are plain words; values are encoded.
    mutating func add(_ name: StaticString, _ value: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(UInt8(ascii: "="))
        for byte in value.utf8 { append(byte) }
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "*"):
            bytes.append(byte)
        case 0x20:
            bytes.append(UInt8(ascii: "+"))
        default:
            let digits: StaticString = "0123456789ABCDEF"
            bytes.append(UInt8(ascii: "%"))
            bytes.append(digits.utf8Start[Int(byte >> 4)])
            bytes.append(digits.utf8Start[Int(byte & 0xF)])
        }
    }
}

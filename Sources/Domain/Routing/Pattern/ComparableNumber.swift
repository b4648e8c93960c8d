/// JSON numbers as Event Ruler compares them: as doubles, but only where the double is the number.
///
/// A number that a double cannot hold exactly enough (its shortest decimal text is another number, such as
/// 9007199254740993) is not comparable: it equals its own text only, and lies in no range.
enum ComparableNumber {
    /// The double of a JSON number; nil where it is not comparable.
    static func value(of text: UnsafeRawBufferPointer) -> Double? {
        guard let decimal = Decimal(text) else { return nil }
        if let exact = decimal.exactDouble { return exact }
        let string = String(decoding: text, as: UTF8.self)
        guard let value = Double(string), value.isFinite else { return nil }
        var shortest = value.description
        return shortest.withUTF8 { Decimal(UnsafeRawBufferPointer($0)) } == decimal ? value : nil
    }

    /// A decimal number as digits and a power of ten, without zeros at either end; zero has no digits.
    private struct Decimal: Equatable {
        private var digits: [UInt8] = []
        private var exponent = 0
        private var isNegative = false

        init?(_ text: UnsafeRawBufferPointer) {
            var seenPoint = false
            var position = 0
            if text.first == UInt8(ascii: "-") {
                isNegative = true
                position = 1
            }
            while position < text.count {
                let byte = text[position]
                position += 1
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    if seenPoint { exponent -= 1 }
                    if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte - UInt8(ascii: "0")) }
                case UInt8(ascii: "."): seenPoint = true
                default:
                    let rest = String(decoding: UnsafeRawBufferPointer(rebasing: text[position...]), as: UTF8.self)
                    guard let power = Int(rest), power.magnitude < 1 << 40 else { return nil }
                    exponent += power
                    position = text.count
                }
            }
            while digits.last == 0 {
                digits.removeLast()
                exponent += 1
            }
            if digits.isEmpty { (exponent, isNegative) = (0, false) }
        }

        /// The double where one correctly rounded operation gives it: up to 15 digits and a small power of ten.
        var exactDouble: Double? {
            guard digits.count <= 15, abs(exponent) <= 22 else { return nil }
            let mantissa = Double(digits.reduce(0) { $0 * 10 + Int($1) })
            var power = 1.0
            for _ in 0..<abs(exponent) { power *= 10 }
            let value = exponent < 0 ? mantissa / power : mantissa * power
            return isNegative ? -value : value
        }
    }
}

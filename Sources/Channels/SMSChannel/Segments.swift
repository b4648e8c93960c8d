/// How many messages of a phone network a text takes, and in which alphabet.
struct Segments: Sendable, Equatable {
    enum Encoding: String, Sendable {
        /// The 7-bit alphabet of GSM 03.38: 160 characters, 153 in each part of several.
        case gsm7 = "GSM-7"
        /// UTF-16: 70 units, 67 in each part of several.
        case ucs2 = "UCS-2"
    }

    let encoding: Encoding
    let count: Int

    init(_ text: String) {
        var lengths: [Int] = []
        lengths.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard let length = GSMAlphabet.length(of: scalar) else {
                encoding = .ucs2
                // A surrogate pair is never split over two parts.
                count = Self.count(text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }, single: 70, part: 67)
                return
            }
            lengths.append(length)
        }
        encoding = .gsm7
        count = Self.count(lengths, single: 160, part: 153)
    }

    private static func count(_ lengths: [Int], single: Int, part: Int) -> Int {
        guard lengths.reduce(0, +) > single else { return 1 }
        var parts = 1
        var used = 0
        for length in lengths {
            if used + length > part {
                parts += 1
                used = 0
            }
            used += length
        }
        return parts
    }
}

/// A phone number in E.164: a plus sign and 7 to 15 digits, the first of them not zero.
struct PhoneNumber: Sendable, Equatable {
    let text: String

    init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 })
        else { return nil }
        self.text = text
    }
}

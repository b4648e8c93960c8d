/// The templates of one channel in every language there is. Classes, so that looking one up on the hot path counts one
/// reference and not one for each template.
package final class LocalizedTemplates: Sendable {
    /// One language's templates.
    package final class Variant: Sendable {
        /// The language tag of the file names; nil for the files without one.
        package let locale: String?
        package let templates: ChannelTemplates

        init(locale: String?, templates: ChannelTemplates) {
            self.locale = locale
            self.templates = templates
        }
    }

    /// What is used where no better language is known.
    package let standard: Variant
    private let localized: [Variant]

    init(standard: Variant, localized: [Variant]) {
        self.standard = standard
        self.localized = localized
    }

    /// The best variant for a language tag: its own, else the one of a shorter tag, else the standard one, so
    /// `fr-CA` gives fr-CA, fr or the standard. Case does not count, and `_` counts as `-`.
    package func variant(for locale: UnsafeRawBufferPointer?) -> Variant {
        guard let locale, !localized.isEmpty else { return standard }
        var length = locale.count
        while length > 0 {
            if let match = localized.first(where: { Self.equals($0.locale, locale[..<length]) }) { return match }
            length = locale[..<length].lastIndex { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") } ?? 0
        }
        return standard
    }

    private static func equals(_ tag: String?, _ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let tag, tag.utf8.count == text.count else { return false }
        return zip(tag.utf8, text).allSatisfy { folded($0) == folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "_"): UInt8(ascii: "-")
        default: byte
        }
    }
}

/// The default alphabet of GSM 03.38 and its extension table.
enum GSMAlphabet {
    /// How many septets a character takes: 1, or 2 with the escape of the extension table; nil where it has none.
    static func length(of scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "^", "{", "}", "\\", "[", "~", "]", "|", "€", "\u{0C}": 2
        case "`": nil
        case "\n", "\r", " "..."~": 1
        case "£", "¥", "è", "é", "ù", "ì", "ò", "Ç", "Ø", "ø", "Å", "å", "Δ", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ",
            "Ξ", "Æ", "æ", "ß", "É", "¤", "¡", "Ä", "Ö", "Ñ", "Ü", "§", "¿", "ä", "ö", "ñ", "ü", "à":
            1
        default: nil
        }
    }
}

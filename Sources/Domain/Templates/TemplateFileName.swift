import Settings

/// What a template's file name says: `<channel>[.<locale>].<part>.mustache`.
struct TemplateFileName {
    static let ending = ".mustache"

    let channel: TemplateChannel
    let locale: String?
    let part: TemplateChannel.Part

    /// Reads a file name.
    ///
    /// - Throws: what is wrong with it.
    init(_ name: String, file: String) throws(TemplateError) {
        func fault(_ message: String, _ suggestion: String? = nil) -> TemplateError {
            TemplateError([TemplateFault(file: file, message, suggestion: suggestion)])
        }
        guard let stem = Self.stem(of: name) else { throw fault("a template's name ends in \"\(Self.ending)\"") }
        let words = stem.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let channel = TemplateChannel(rawValue: words[0]) else {
            let known = TemplateChannel.allCases.map(\.rawValue)
            throw fault(
                "\"\(words[0])\" is no channel with templates; there are \(known.joined(separator: ", "))",
                Suggestion.nearest(to: words[0], among: known))
        }
        guard words.count == 2 || words.count == 3 else {
            throw fault("a template's name is <channel>[.<locale>].<part>\(Self.ending)")
        }
        let known = channel.parts.map(\.name)
        guard let part = channel.parts.first(where: { $0.name == words.last }) else {
            let given = words[words.count - 1]
            throw fault(
                "\"\(given)\" is no part of \(channel.rawValue); there are \(known.joined(separator: ", "))",
                Suggestion.nearest(to: given, among: known))
        }
        if words.count == 3, !Self.isLocale(words[1]) {
            throw fault("\"\(words[1])\" is no language tag such as fr or fr-CA")
        }
        self.channel = channel
        self.part = part
        locale = words.count == 3 ? words[1] : nil
    }

    /// A file's name without its ending; nil where it is no template's.
    static func stem(of name: String) -> String? {
        name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : nil
    }

    /// Two or three letters, then any number of subtags of two to eight letters and digits.
    static func isLocale(_ text: String) -> Bool {
        let tags = text.split(separator: "-", omittingEmptySubsequences: false).map { Array($0.utf8) }
        return tags.enumerated().allSatisfy { index, tag in
            index == 0
                ? (2...3).contains(tag.count) && tag.allSatisfy(isLetter)
                : (2...8).contains(tag.count) && tag.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20)
    }
}

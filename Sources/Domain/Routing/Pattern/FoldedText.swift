/// A text that is compared without regard to case: each character in its lower or its upper form.
struct FoldedText: Sendable, Equatable {
    private let forms: [Form]

    fileprivate struct Form: Sendable, Equatable {
        let lower: [UInt8]
        let upper: [UInt8]
    }

    init(_ text: String) {
        forms = text.unicodeScalars.map { scalar in
            Form(
                lower: Array(scalar.properties.lowercaseMapping.utf8),
                upper: Array(scalar.properties.uppercaseMapping.utf8))
        }
    }

    func equals(_ text: UnsafeRawBufferPointer) -> Bool { end(ofPrefixIn: text) == text.count }
    func isPrefix(of text: UnsafeRawBufferPointer) -> Bool { end(ofPrefixIn: text) != nil }

    func isSuffix(of text: UnsafeRawBufferPointer) -> Bool {
        var end = text.count
        for form in forms.reversed() {
            guard let length = form.length(in: text, { end - $0 }) else { return false }
            end -= length
        }
        return true
    }

    private func end(ofPrefixIn text: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        for form in forms {
            guard let length = form.length(in: text, { _ in position }) else { return nil }
            position += length
        }
        return position
    }
}

extension FoldedText.Form {
    /// The length of the form that stands in `text` where `start`, given that length, says; nil where neither does.
    fileprivate func length(in text: UnsafeRawBufferPointer, _ start: (Int) -> Int) -> Int? {
        for form in [lower, upper] {
            let position = start(form.count)
            if position >= 0, position + form.count <= text.count,
                text[position..<position + form.count].elementsEqual(form)
            {
                return form.count
            }
        }
        return nil
    }
}

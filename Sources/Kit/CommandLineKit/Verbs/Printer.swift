internal import JSONBytes
internal import Lifecycle

/// Writes what a command has found, as a table for people or as JSON, one object a line.
///
/// Everything else that a command has to say (progress, warnings, sums) goes to standard error, so that standard
/// output can always be piped. Not thread-safe.
package final class Printer {
    package enum Format: String, CaseIterable, Sendable { case table, json }

    /// A value of a row.
    package enum Cell: Sendable, Equatable {
        case text(String)
        case integer(Int)
        case flag(Bool)
        /// Text that is JSON already.
        case json(String)
        /// `-` in a table, left out of JSON.
        case none

        package static func optional(_ text: String?) -> Cell { text.map(Cell.text) ?? .none }
        package static func optional(_ number: Int?) -> Cell { number.map(Cell.integer) ?? .none }

        var plain: String {
            switch self {
            case .text(let text), .json(let text): Printable.text(text)
            case .integer(let number): "\(number)"
            case .flag(let isOn): isOn ? "yes" : "no"
            case .none: "-"
            }
        }

        /// The same on one line.
        var line: String { plain.replacing("\n", with: " ").replacing("\t", with: " ") }
    }

    package typealias Field = (name: String, value: Cell)

    package let format: Format
    private let output: CommandOutput
    private var rows: [[Field]] = []
    private var widths: [Int] = []
    /// False once standard output takes no more: whatever only prints can end.
    package private(set) var isOpen = true
    /// Why it takes no more, where that is a fault; nil where its reader has just left.
    private(set) var failure: String?

    /// Rows that wait before the widths of the columns are fixed.
    private static let sample = 500

    package init(_ format: Format, _ output: CommandOutput) {
        self.format = format
        self.output = output
    }

    /// A row of a table; all rows of a command have the same fields.
    package func row(_ fields: [Field]) {
        guard format == .table else { return json(fields) }
        rows.append(fields)
        if rows.count >= Self.sample { flush() }
    }

    /// Something with one line for each field.
    package func card(_ fields: [Field]) {
        guard format == .table else { return json(fields) }
        flush()
        let width = fields.map(\.name.count).max() ?? 0
        for field in fields where field.value != .none {
            let lines = field.value.plain.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                let name = index == 0 ? field.name : ""
                write("\(Self.padded(name, width))  \(line)\n")
            }
        }
        write("\n")
    }

    /// A line for people; nothing in JSON.
    package func line(_ text: String = "") {
        guard format == .table else { return }
        flush()
        write("\(text)\n")
    }

    /// Text as it is, whatever the format.
    package func raw(_ text: String) { write(text) }

    /// One sentence to standard error.
    package func note(_ text: String) { output.writeError("\(text)\n") }

    /// Text to standard error as it is.
    package func status(_ text: String) { output.writeError(text) }

    /// Writes the rows that wait.
    package func flush() {
        guard let first = rows.first else { return }
        if widths.isEmpty {
            widths = first.indices.map { column in
                rows.reduce(first[column].name.count) { max($0, $1[column].value.line.count) }
            }
            if let columns = output.columns { fit(first, into: columns) }
            if !isStacked { write(line(first.map { $0.name.uppercased() }) + "\n") }
        }
        for row in rows {
            isStacked ? writeStacked(row) : write(line(row.map(\.value.line)) + "\n")
        }
        rows.removeAll(keepingCapacity: true)
    }

    // MARK: - Widths

    private var isStacked = false

    /// Makes the widest columns narrower until a line fits; where that leaves nothing to read, fields go below each
    /// other.
    private func fit(_ first: [Field], into columns: Int) {
        let room = columns - 2 * (widths.count - 1)
        while widths.reduce(0, +) > room {
            guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8 else {
                isStacked = true
                return
            }
            widths[widest] -= 1
        }
    }

    private func writeStacked(_ row: [Field]) {
        let columns = output.columns ?? .max
        for (index, field) in row.enumerated() where field.value != .none {
            let text = "\(index == 0 ? "" : "  ")\(field.name) \(field.value.line)"
            write((text.count > columns ? text.prefix(columns - 1) + "…" : text[...]) + "\n")
        }
    }

    private func line(_ cells: [String]) -> String {
        let last = cells.count - 1
        let texts = cells.enumerated().map { index, cell in
            // Only a terminal has an edge.
            let isCut = output.columns != nil && cell.count > widths[index]
            let text = isCut ? "\(cell.prefix(widths[index] - 1))…" : cell
            return index == last ? text : Self.padded(text, widths[index])
        }
        return texts.joined(separator: "  ")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    // MARK: - JSON

    private func json(_ fields: [Field]) {
        var writer = JSONWriter()
        writer.beginObject()
        for field in fields where field.value != .none {
            writer.key(field.name)
            switch field.value {
            case .text(let text): writer.string(text)
            case .integer(let number): writer.integer(number)
            case .flag(let isOn): writer.bool(isOn)
            case .json(let text): writer.raw(text)
            case .none: break
            }
        }
        writer.endObject()
        object(writer.finish())
    }

    /// A JSON object as one line, whatever the format. Line feeds in JSON only ever stand between its parts.
    package func object(_ json: [UInt8]) {
        let line = json.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
        write(String(decoding: line, as: UTF8.self) + "\n")
    }

    private func write(_ text: String) {
        guard isOpen else { return }
        switch output.write(text) {
        case .written: return
        case .closed: break
        case .failed(let reason): failure = reason
        }
        isOpen = false
    }
}

/// Text from records for a terminal, which must not obey it.
package enum Printable {
    /// The text with every control character but the line feed and the tab replaced.
    package static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        return (value < 0x20 && value != 0x0A && value != 0x09) || (0x7F..<0xA0).contains(value)
    }
}

/// The live view as lines of text. Pure.
struct WatchView {
    let samples: [ProcessSample]
    let earlier: [ProcessSample]

    private struct Column {
        let title: String
        let cells: [String]
        var width: Int { max(title.count, cells.map(\.count).max() ?? 0) }
    }

    /// - Parameters:
    ///   - columns: no line is longer.
    ///   - rows: no more lines; the processes that are worst off come first where not all fit.
    func lines(columns: Int, rows: Int) -> [String] {
        let wanted = max(0, rows - 1)
        let shown = samples.count <= wanted ? samples : Array(worstFirst.prefix(wanted))
        var table = [
            Column(title: "PROCESS", cells: shown.map(\.name)),
            Column(title: "STATE", cells: shown.map(\.state.rawValue)),
        ]
        var ranked = WatchColumn.all.map { column in (column: column, cells: shown.map { cell(column, $0) }) }
        func width(_ numbers: [(column: WatchColumn, cells: [String])]) -> Int {
            let all = table + numbers.map { Column(title: $0.column.title, cells: $0.cells) }
            return all.reduce(0) { $0 + $1.width } + 2 * (all.count - 1)
        }
        while width(ranked) > columns,
            let last = ranked.indices.max(by: { ranked[$0].column.rank < ranked[$1].column.rank })
        {
            ranked.remove(at: last)
        }
        table += ranked.map { Column(title: $0.column.title, cells: $0.cells) }
        let header = Self.line(table.map(\.title), table, columns)
        let lines = [header] + shown.indices.map { row in Self.line(table.map { $0.cells[row] }, table, columns) }
        return lines + reasons(of: shown, columns: columns, rows: rows - lines.count)
    }

    /// Why some are not ready, below the table where there is room: whole where all of it fits, else a line for each.
    private func reasons(of shown: [ProcessSample], columns: Int, rows: Int) -> [String] {
        let reasons = shown.compactMap { sample in sample.reason.map { "\(sample.name): \($0)" } }
        guard !reasons.isEmpty, rows > 1 else { return [] }
        let whole = reasons.flatMap { Self.wrapped($0, columns) }
        let lines = whole.count < rows ? whole : reasons.map { String($0.prefix(columns)) }
        return [""] + lines.prefix(rows - 1)
    }

    /// Lines of whole words, all but the first indented; only a word that is longer than a line is divided.
    static func wrapped(_ text: String, _ columns: Int) -> [String] {
        let indent = columns > 20 ? "  " : ""
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var word = word
            while true {
                let start = line.isEmpty ? (lines.isEmpty ? "" : indent) : line + " "
                if start.count + word.count <= columns {
                    line = start + word
                    break
                }
                if line.isEmpty {
                    let room = max(1, columns - start.count)
                    lines.append(start + word.prefix(room))
                    word = word.dropFirst(room)
                } else {
                    lines.append(line)
                    line = ""
                }
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private var worstFirst: [ProcessSample] {
        let order: [ProcessSample.State] = [.down, .stuck, .waiting, .ready]
        return order.flatMap { state in samples.filter { $0.state == state } }
    }

    private func cell(_ column: WatchColumn, _ sample: ProcessSample) -> String {
        let value = column.value(sample, since: earlier.first { $0.name == sample.name })
        return value.map(Self.number) ?? "-"
    }

    /// The first two columns are words, the others numbers.
    private static func line(_ cells: [String], _ table: [Column], _ columns: Int) -> String {
        let texts = cells.enumerated().map { index, cell in
            let gap = String(repeating: " ", count: table[index].width - cell.count)
            return index < 2 ? cell + gap : gap + cell
        }
        return String(texts.joined(separator: "  ").prefix(columns))
    }

    /// Three digits say enough: 0.4, 12, 1.2k, 340k, 5.1M.
    static func number(_ value: Double) -> String {
        switch value {
        case ..<0: return "-" + number(-value)
        case 0: return "0"
        case ..<9.95: return rounded(value, digits: value == value.rounded() ? 0 : 1)
        case ..<999.5: return rounded(value, digits: 0)
        case ..<9_950: return rounded(value / 1e3, digits: 1) + "k"
        case ..<999_500: return rounded(value / 1e3, digits: 0) + "k"
        case ..<9.95e6: return rounded(value / 1e6, digits: 1) + "M"
        case ..<1e15: return rounded(value / 1e6, digits: 0) + "M"
        default: return "many"
        }
    }

    private static func rounded(_ value: Double, digits: Int) -> String {
        guard digits > 0 else { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

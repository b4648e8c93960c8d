/// Turns a template and the partials it names into one ``Program``.
struct Compiler {
    /// A partial as it was included: once as it is, or with an `indent` at the begin of every line.
    private struct Block: Hashable {
        var partial: String
        var indents: Bool
    }

    /// A section that is not closed yet.
    private struct OpenSection {
        var name: String
        var line: Int
        var instruction: Int
    }

    /// Where partials include partials without a section around it.
    private struct Inclusion {
        var partial: String
        var line: Int
    }

    private static let maximumOpenSections = 64

    private var program = Program()
    private var faults: [TemplateFault] = []
    private var blocks: [Block] = []
    private var blockStarts: [Int32] = []
    private var sources: [String: TemplateSource] = [:]
    private var unconditional: [String: [Inclusion]] = [:]
    private let partials: PartialSet

    // What is being compiled now.
    private var scanner: TagScanner
    private var file: TemplateSource
    private var partial: String?
    private var indents = false
    private var open: [OpenSection] = []

    static func compile(
        _ source: TemplateSource, escaping: Template.Escaping, partials: PartialSet, mode: Template.Mode
    ) throws(TemplateError) -> Program {
        var compiler = Compiler(source, partials)
        compiler.program.escaping = escaping
        compiler.program.mode = mode
        compiler.compileAll()
        guard compiler.faults.isEmpty else { throw TemplateError(compiler.faults) }
        return compiler.program
    }

    private init(_ source: TemplateSource, _ partials: PartialSet) {
        self.partials = partials
        file = source
        scanner = TagScanner(source.text)
    }

    private mutating func compileAll() {
        compileFile()
        // Compiling a partial may find more of them.
        var next = 0
        while next < blocks.count {
            let block = blocks[next]
            next += 1
            blockStarts.append(Int32(program.instructions.count))
            guard let source = sources[block.partial] else { continue }
            file = source
            partial = block.partial
            indents = block.indents
            scanner = TagScanner(source.text)
            compileFile()
        }
        guard faults.isEmpty else { return }
        link()
        reportEndlessPartials()
    }

    /// Puts the place of its block into every partial instruction.
    private mutating func link() {
        for index in program.instructions.indices {
            if case .partial(let block, let name, let indents, let indentation) = program.instructions[index] {
                program.instructions[index] = .partial(
                    start: blockStarts[Int(block)], name: name, indents: indents, indentation: indentation)
            }
        }
    }

    private mutating func compileFile() {
        program.files.append(file.file)
        open = []
        do throws(TagScanner.Fault) {
            while let token = try scanner.next() {
                switch token {
                case .text(let range): text(range)
                case .tag(let tag): self.tag(tag)
                }
            }
            for section in open {
                fault(section.line, "the section \"\(section.name)\" is not closed")
            }
        } catch {
            fault(error.line, error.message)
        }
        program.instructions.append(.stop)
    }

    private mutating func fault(_ line: Int, _ message: String, suggestion: String? = nil) {
        faults.append(TemplateFault(file: file.file, line: line, message, suggestion: suggestion))
    }
}

// MARK: - Text and tags

extension Compiler {
    private mutating func text(_ range: Range<Int>) {
        guard indents else {
            program.instructions.append(.text(span(scanner.source[range])))
            return
        }
        var start = range.lowerBound
        while start < range.upperBound {
            indentIfLineStarts(at: start)
            let end = scanner.source[start..<range.upperBound].firstIndex(of: 0x0A).map { $0 + 1 } ?? range.upperBound
            program.instructions.append(.text(span(scanner.source[start..<end])))
            start = end
        }
    }

    private mutating func indentIfLineStarts(at position: Int) {
        if indents, position == 0 || scanner.source[position - 1] == 0x0A { program.instructions.append(.indent) }
    }

    private mutating func tag(_ tag: TagScanner.Tag) {
        if tag.indentation == nil { indentIfLineStarts(at: tag.start) }
        if tag.kind == .comment || tag.kind == .delimiters { return }
        let text = String(decoding: tag.content, as: UTF8.self)
        guard !text.isEmpty else { return fault(tag.line, "this tag is empty") }
        guard !tag.content.contains(where: TagScanner.isBlank) else {
            return fault(tag.line, "\"\(text)\" is no name: it holds blanks")
        }
        switch tag.kind {
        case .close: close(text, tag.line)
        case .partial: include(text, tag)
        default:
            guard let name = name(text, tag) else { return }
            switch tag.kind {
            case .section, .inverted:
                guard open.count < Self.maximumOpenSections else {
                    return fault(tag.line, "more than \(Self.maximumOpenSections) sections are open")
                }
                open.append(OpenSection(name: text, line: tag.line, instruction: program.instructions.count))
                program.instructions.append(
                    tag.kind == .section ? .section(name: name, end: 0) : .inverted(name: name, end: 0))
            default: program.instructions.append(.value(name: name, escaped: tag.kind == .value))
            }
        }
    }

    private mutating func close(_ text: String, _ line: Int) {
        guard let section = open.popLast() else {
            return fault(line, "\"\(text)\" is closed, but no section is open")
        }
        guard section.name == text else {
            fault(line, "\"\(text)\" is closed where \"\(section.name)\" of line \(section.line) is open")
            // A section further out is meant: what is open inside of it has been reported.
            if let match = open.lastIndex(where: { $0.name == text }) { open.removeSubrange(match...) }
            return
        }
        let end = Int32(program.instructions.count)
        switch program.instructions[section.instruction] {
        case .section(let name, _): program.instructions[section.instruction] = .section(name: name, end: end)
        case .inverted(let name, _): program.instructions[section.instruction] = .inverted(name: name, end: end)
        default: break
        }
    }

    private mutating func span(_ text: some Sequence<UInt8>) -> Program.Span {
        let start = Int32(program.bytes.count)
        program.bytes.append(contentsOf: text)
        return Program.Span(start: start, end: Int32(program.bytes.count))
    }
}

// MARK: - Partials

extension Compiler {
    private mutating func include(_ text: String, _ tag: TagScanner.Tag) {
        if sources[text] == nil {
            guard let source = partials.source(named: text) else {
                guard program.mode == .strict else { return }
                return fault(tag.line, "there is no partial \"\(text)\"", suggestion: partials.suggestion(for: text))
            }
            sources[text] = source
        }
        // Only a partial on a line of its own takes over the indentation of the line.
        let own = tag.indentation ?? 0..<0
        let block = Block(partial: text, indents: tag.indentation != nil && (indents || !own.isEmpty))
        let index = blocks.firstIndex(of: block) ?? blocks.count
        if index == blocks.count { blocks.append(block) }
        if open.isEmpty {
            unconditional[partial ?? "", default: []].append(Inclusion(partial: text, line: tag.line))
        }
        let name = addName(.item, [], text, tag)
        let indentation = span(scanner.source[own])
        program.instructions.append(
            .partial(start: Int32(index), name: name, indents: block.indents, indentation: indentation))
    }

    /// A partial that includes itself, directly or through others, with no section on the way, would never end.
    private mutating func reportEndlessPartials() {
        for (from, inclusions) in unconditional {
            guard !from.isEmpty, let source = sources[from] else { continue }
            for inclusion in inclusions where reaches(from, start: inclusion.partial) {
                faults.append(
                    TemplateFault(
                        file: source.file, line: inclusion.line,
                        "the partial \"\(from)\" includes itself without a section around it, so it would never end"))
            }
        }
    }

    private func reaches(_ target: String, start: String) -> Bool {
        var seen: Set<String> = []
        var next = [start]
        while let partial = next.popLast() {
            if partial == target { return true }
            guard seen.insert(partial).inserted else { continue }
            next.append(contentsOf: (unconditional[partial] ?? []).map(\.partial))
        }
        return false
    }
}

// MARK: - Names

extension Compiler {
    /// Enters a name, or reports why it is none.
    private mutating func name(_ text: String, _ tag: TagScanner.Tag) -> Int32? {
        if text == "." { return addName(.item, [], text, tag) }
        var parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isAnchored = parts[0].isEmpty
        if isAnchored { parts.removeFirst() }
        guard !parts.contains(where: \.isEmpty) else {
            fault(tag.line, "\"\(text)\" is no name: there is nothing between two dots")
            return nil
        }
        if isAnchored { return addName(.item, parts[...], text, tag) }
        switch parts[0] {
        case "contact": return addName(.contact, parts.dropFirst(), text, tag)
        case "event":
            guard parts.count == 2, let attribute = EventAttributes.Name(rawValue: String(parts[1])) else {
                let known = EventAttributes.Name.allCases.map { "event.\($0.rawValue)" }.joined(separator: ", ")
                fault(tag.line, "\"\(text)\" is no attribute of an event; there are \(known)")
                return nil
            }
            return addName(.attribute(attribute), [], text, tag)
        default:
            if let first = text.utf8.first, first == UInt8(ascii: "<") || first == UInt8(ascii: "$") {
                fault(tag.line, "\"\(text)\": blocks and parents are not supported")
                return nil
            }
            return addName(.stack, parts[...], text, tag)
        }
    }

    private mutating func addName(
        _ root: Program.Name.Root, _ parts: ArraySlice<Substring>, _ text: String, _ tag: TagScanner.Tag
    ) -> Int32 {
        let first = Int32(program.parts.count)
        for part in parts {
            let isPosition = part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            program.parts.append(
                Program.Part(text: span(part.utf8), position: isPosition ? Int32(part) ?? -1 : -1))
        }
        program.names.append(
            Program.Name(
                root: root, firstPart: first, endPart: Int32(program.parts.count), text: span(text.utf8),
                file: Int32(program.files.count - 1), line: Int32(tag.line)))
        return Int32(program.names.count - 1)
    }
}

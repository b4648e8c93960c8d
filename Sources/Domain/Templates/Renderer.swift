import JSONBytes

/// Runs a ``Program``: one recursive walk whose context stack lies on the machine's stack.
struct Renderer {
    /// How many sections and partials may be nested while rendering. Data is at most 128 levels deep.
    static let maximumDepth = 256
    /// How many list items and members of objects the renderings of one event may look at. A name that an item of a list
    /// lacks is looked up in all outer objects, so a hostile event could multiply its items by its members, by the items
    /// of another list or by its recipients, and hold up the stream.
    static let maximumVisits = 20_000_000
    /// After how many bytes no further item is rendered; more than one event's notifications may have.
    static let maximumBytes = 64 << 20

    private enum Value {
        case json(JSONValue)
        case text(UnsafeRawBufferPointer)
        case missing
    }

    /// One item of the context stack.
    private struct Frame {
        let value: Value
        let outer: UnsafePointer<Frame>?
    }

    /// The indentation in force, from the innermost partial outwards.
    private struct Indentation {
        let text: Program.Span
        let outer: UnsafePointer<Indentation>?
    }

    /// Where the walk is, besides the instruction.
    private struct Place {
        var frame: UnsafePointer<Frame>
        var indentation: UnsafePointer<Indentation>?
        var depth: Int
    }

    // Borrowed from the template, which `render` keeps alive.
    private let instructions: UnsafeMutableBufferPointer<Program.Instruction>
    private let names: UnsafeMutableBufferPointer<Program.Name>
    private let parts: UnsafeMutableBufferPointer<Program.Part>
    private let text: UnsafeRawPointer
    private unowned(unsafe) let template: Template
    private let data: JSONValue
    private let contact: JSONValue?
    private let attributes: EventAttributes
    private let escaping: Template.Escaping
    private let mode: Template.Mode
    private let target: Template.Target
    /// Items and members looked at so far.
    private var visits: Int
    /// Where the output ends at the latest.
    private var maximumEnd = 0

    static func render(
        _ template: Template, _ scope: borrowing TemplateScope, mode: Template.Mode, visits: inout Int,
        into output: inout ByteBuffer
    ) throws(MissingValue) {
        defer { withExtendedLifetime(template) {} }
        var renderer = Renderer(template, scope, mode, visits)
        defer { visits = renderer.visits }
        try renderer.run(into: &output)
    }

    private init(_ template: Template, _ scope: borrowing TemplateScope, _ mode: Template.Mode, _ visits: Int) {
        self.visits = visits
        self.template = template
        let tables = template.tables
        (instructions, names, parts, text) = (tables.instructions, tables.names, tables.parts, tables.text)
        (data, contact, attributes) = (scope.data, scope.contact, scope.attributes)
        escaping = template.program.escaping
        self.mode = mode
        target = template.target
    }

    private mutating func run(into output: inout ByteBuffer) throws(MissingValue) {
        maximumEnd = output.count + Self.maximumBytes
        let root = Frame(value: .json(data), outer: nil)
        try withUnsafePointer(to: root) { (root) throws(MissingValue) in
            try run(from: 0, to: .max, Place(frame: root, indentation: nil, depth: 0), &output)
        }
    }

    /// Runs to `end` or to a `stop`.
    private mutating func run(from start: Int, to end: Int, _ place: Place, _ output: inout ByteBuffer)
        throws(MissingValue)
    {
        var index = start
        while index < end {
            let instruction = instructions[index]
            index += 1
            switch instruction {
            case .stop: return
            case .text(let span): output.append(text(span))
            case .value(let name, let escaped): try interpolate(names[Int(name)], escaped, place, &output)
            case .section(let name, let end):
                try section(names[Int(name)], index..<Int(end), place, &output)
                index = Int(end)
            case .inverted(let name, let end):
                if isTruthy(try value(of: names[Int(name)], place)) { index = Int(end) }
            case .partial(let start, let name, let indents, let indentation):
                try partial(Int(start), names[Int(name)], indents ? indentation : nil, place, &output)
            case .indent: indent(place.indentation, &output)
            }
        }
    }

    /// The bytes of a span; compiled together with them, so that none ends outside.
    private func text(_ span: Program.Span) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text + Int(span.start), count: Int(span.end &- span.start))
    }

    private func failure(_ reason: MissingValue.Reason, _ name: Program.Name) -> MissingValue {
        MissingValue(
            reason, path: String(decoding: text(name.text), as: UTF8.self),
            file: template.program.files[Int(name.file)],
            line: Int(name.line))
    }
}

// MARK: - Instructions

extension Renderer {
    private mutating func interpolate(
        _ name: Program.Name, _ escaped: Bool, _ place: Place, _ output: inout ByteBuffer
    ) throws(MissingValue) {
        let start = output.count
        switch try value(of: name, place) {
        case .missing:
            if mode == .strict { throw failure(.missing, name) }
        case .text(let text):
            output.append(text)
            Escape.apply(escaping, markup: escaped, for: target, to: &output, from: start)
        case .json(let value):
            switch value.kind {
            case .string, .key:
                value.appendText(to: &output)
                // Text that JSON holds without an escape needs none in JSON.
                let target = value.hasEscapes ? target : .text
                Escape.apply(escaping, markup: escaped, for: target, to: &output, from: start)
            case .number, .true, .false: output.append(value.raw)
            case .null, .object, .array:
                if mode == .strict { throw failure(value.isNull ? .null : .notText, name) }
            }
        }
    }

    private mutating func section(
        _ name: Program.Name, _ body: Range<Int>, _ place: Place, _ output: inout ByteBuffer
    ) throws(MissingValue) {
        let value = try value(of: name, place)
        guard isTruthy(value) else { return }
        guard place.depth < Self.maximumDepth else { throw failure(.tooDeep, name) }
        guard case .json(let list) = value, list.kind == .array else {
            return try item(value, of: name, body, place, &output)
        }
        var fault: MissingValue?
        list.forEachElement { element in
            guard fault == nil else { return }
            do throws(MissingValue) {
                try item(.json(element), of: name, body, place, &output)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
    }

    /// Runs a section's body once with `value` on top of the context stack.
    private mutating func item(
        _ value: Value, of name: Program.Name, _ body: Range<Int>, _ place: Place, _ output: inout ByteBuffer
    ) throws(MissingValue) {
        visits += 1
        guard output.count <= maximumEnd else { throw failure(.tooMuch, name) }
        let frame = Frame(value: value, outer: place.frame)
        try withUnsafePointer(to: frame) { (frame) throws(MissingValue) in
            let inner = Place(frame: frame, indentation: place.indentation, depth: place.depth + 1)
            try run(from: body.lowerBound, to: body.upperBound, inner, &output)
        }
    }

    private mutating func partial(
        _ start: Int, _ name: Program.Name, _ indentation: Program.Span?, _ place: Place, _ output: inout ByteBuffer
    ) throws(MissingValue) {
        guard place.depth < Self.maximumDepth else { throw failure(.tooDeep, name) }
        var inner = place
        inner.depth += 1
        guard let indentation else {
            inner.indentation = nil
            return try run(from: start, to: .max, inner, &output)
        }
        let added = Indentation(text: indentation, outer: place.indentation)
        try withUnsafePointer(to: added) { (added) throws(MissingValue) in
            inner.indentation = added
            try run(from: start, to: .max, inner, &output)
        }
    }

    private func indent(_ indentation: UnsafePointer<Indentation>?, _ output: inout ByteBuffer) {
        guard let indentation else { return }
        indent(indentation.pointee.outer, &output)
        output.append(text(indentation.pointee.text))
    }
}

// MARK: - Names

extension Renderer {
    private mutating func value(of name: Program.Name, _ place: Place) throws(MissingValue) -> Value {
        let value = resolve(name, place.frame)
        guard visits <= Self.maximumVisits else { throw failure(.tooMuch, name) }
        return value
    }

    private mutating func resolve(_ name: Program.Name, _ innermost: UnsafePointer<Frame>) -> Value {
        var part = Int(name.firstPart)
        let end = Int(name.endPart)
        var value: JSONValue
        switch name.root {
        case .attribute(let attribute): return attributes.value(of: attribute).map { .text($0) } ?? .missing
        case .contact:
            guard let contact else { return .missing }
            value = contact
        case .item:
            if part == end { return innermost.pointee.value }
            guard case .json(let item) = innermost.pointee.value else { return .missing }
            value = item
        case .stack:
            guard let found = lookUp(parts[part], innermost) else { return .missing }
            value = found
            part += 1
        }
        while part < end {
            guard let next = follow(parts[part], in: value) else { return .missing }
            value = next
            part += 1
        }
        return .json(value)
    }

    /// Walks the context stack outwards to the first item that has the name.
    private mutating func lookUp(_ part: Program.Part, _ innermost: UnsafePointer<Frame>) -> JSONValue? {
        var next: UnsafePointer<Frame>? = innermost
        while let frame = next {
            if case .json(let value) = frame.pointee.value, let found = follow(part, in: value) { return found }
            next = frame.pointee.outer
        }
        return nil
    }

    private mutating func follow(_ part: Program.Part, in value: JSONValue) -> JSONValue? {
        switch value.kind {
        case .object: value.member(text(part.text), visits: &visits)
        case .array: part.position >= 0 ? value.element(Int(part.position)) : nil
        default: nil
        }
    }

    private func isTruthy(_ value: Value) -> Bool {
        switch value {
        case .missing: false
        case .text(let text): !text.isEmpty
        case .json(let value):
            switch value.kind {
            case .null, .false: false
            case .true, .object, .key: true
            case .string: !value.raw.isEmpty
            case .array: value.element(0) != nil
            case .number: !isZero(value.raw)
            }
        }
    }

    /// Whether a number's digits before its exponent are all 0.
    private func isZero(_ number: UnsafeRawBufferPointer) -> Bool {
        for byte in number {
            if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") { return true }
            if byte >= UInt8(ascii: "1"), byte <= UInt8(ascii: "9") { return false }
        }
        return true
    }
}

internal import JSONBytes

/// A ``Program`` laid out to run: its tables outside of Swift's arrays, so that running it counts no references.
/// Immutable, so usable from any thread.
final class ProgramTables: Sendable {
    // Safe because all are written in `init` only.
    nonisolated(unsafe) let instructions: UnsafeMutableBufferPointer<Program.Instruction>
    nonisolated(unsafe) let names: UnsafeMutableBufferPointer<Program.Name>
    nonisolated(unsafe) let parts: UnsafeMutableBufferPointer<Program.Part>
    /// What spans are of.
    nonisolated(unsafe) let text: UnsafeRawPointer

    /// - Parameter target: for a JSON string the template's own text is escaped here, once.
    init(_ program: Program, _ target: Template.Target) {
        var bytes = ByteBuffer()
        bytes.append(program.bytes)
        var instructions = program.instructions
        if target == .jsonString {
            for index in instructions.indices { instructions[index] = instructions[index].escaped(in: &bytes) }
        }
        self.instructions = Self.copy(instructions)
        names = Self.copy(program.names)
        parts = Self.copy(program.parts)
        let text = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        UnsafeMutableRawBufferPointer(start: text, count: bytes.count).copyMemory(from: bytes.bytes)
        self.text = UnsafeRawPointer(text)
    }

    deinit {
        instructions.deallocate()
        names.deallocate()
        parts.deallocate()
        text.deallocate()
    }

    private static func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
        let table = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = table.initialize(from: elements)
        return table
    }
}

extension Program.Instruction {
    /// The instruction with its text as it stands inside of a JSON string, appended to `bytes`.
    fileprivate func escaped(in bytes: inout ByteBuffer) -> Program.Instruction {
        switch self {
        case .text(let span): .text(span.escaped(in: &bytes))
        case .partial(let start, let name, let indents, let indentation):
            .partial(start: start, name: name, indents: indents, indentation: indentation.escaped(in: &bytes))
        default: self
        }
    }
}

extension Program.Span {
    fileprivate func escaped(in bytes: inout ByteBuffer) -> Program.Span {
        let text = Array(bytes[Int(start)..<Int(end)])
        let first = Int32(bytes.count)
        text.withUnsafeBytes { JSONWriter.appendEscaped($0, to: &bytes) }
        return Program.Span(start: first, end: Int32(bytes.count))
    }
}

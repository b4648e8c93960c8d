/// A compiled template: instructions over three tables, all of plain numbers, so that rendering counts no references.
struct Program: Sendable {
    var instructions: [Instruction] = []
    var names: [Name] = []
    var parts: [Part] = []
    /// Literal text, name parts and indentations.
    var bytes: [UInt8] = []
    /// The template and its partials, for messages.
    var files: [String] = []
    var escaping: Template.Escaping = .none
    var mode: Template.Mode = .strict

    /// Instruction operands are positions in the tables.
    enum Instruction: Sendable, Equatable {
        case text(Span)
        case value(name: Int32, escaped: Bool)
        /// `end` is the instruction behind the section's last one.
        case section(name: Int32, end: Int32)
        case inverted(name: Int32, end: Int32)
        /// Runs from `start` to the next `stop`. `indents` tells whether the partial was compiled with `indent`s;
        /// `indentation` is added to the one in force then, else there is none.
        case partial(start: Int32, name: Int32, indents: Bool, indentation: Span)
        /// The begin of a line of an indented partial.
        case indent
        case stop
    }

    /// A range of ``bytes``.
    struct Span: Sendable, Equatable {
        var start: Int32
        var end: Int32
        static let empty = Span(start: 0, end: 0)
    }

    /// A name as one tag writes it.
    struct Name: Sendable, Equatable {
        enum Root: Sendable, Equatable {
            /// The context stack, from the innermost item outwards.
            case stack
            /// The innermost item only; without parts it is the item itself.
            case item
            case contact
            case attribute(EventAttributes.Name)
        }

        var root: Root
        /// The range of ``Program/parts`` to follow from the root.
        var firstPart: Int32
        var endPart: Int32
        var text: Span
        var file: Int32
        var line: Int32
    }

    /// What stands between two dots.
    struct Part: Sendable, Equatable {
        var text: Span
        /// The text as an array position; -1 where it is no number.
        var position: Int32
    }
}

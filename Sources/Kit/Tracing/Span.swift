internal import Glibc

/// One finished operation of a trace, as the collector is to show it.
package struct Span: Sendable {
    /// OTLP's numbers.
    package enum Kind: Int, Sendable {
        /// Waits for somebody else: a request, a settlement, a message whose context stays its maker's.
        case client = 3
        /// A message whose context is this span.
        case producer = 4
        /// Works on a message.
        case consumer = 5
    }

    /// What many spans have in common, made once.
    package final class Scope: Sendable {
        let name: String
        let kind: Kind
        let attributes: [Attribute]

        /// - Parameter name: of few different values: an operation and what it is done to.
        package init(_ name: String, _ kind: Kind, _ attributes: [Attribute]) {
            self.name = name
            self.kind = kind
            self.attributes = attributes
        }
    }

    /// A named value. It never holds a recipient, a content or a secret.
    package struct Attribute: Sendable, Equatable {
        enum Value: Sendable, Equatable {
            case text(String)
            case integer(Int64)
        }

        let name: StaticString
        let value: Value

        package init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = .text(value)
        }

        package init(_ name: StaticString, _ value: some BinaryInteger) {
            self.name = name
            self.value = .integer(Int64(clamping: value))
        }

        package static func == (left: Attribute, right: Attribute) -> Bool {
            left.name.description == right.name.description && left.value == right.value
        }
    }

    /// The span that it is a part of.
    package struct Parent: Sendable, Equatable {
        package let span: UInt64
        /// In another process.
        let isRemote: Bool

        package init(span: UInt64, isRemote: Bool) {
            self.span = span
            self.isRemote = isRemote
        }
    }

    package let scope: Scope
    package let context: SpanContext
    /// Nil for the first of its trace.
    package var parent: Parent?
    package var tracestate: String?
    /// Unix nanoseconds.
    package let start: UInt64
    package var end: UInt64
    package var attributes: [Attribute] = []
    /// Spans that it has to do with beside its parent.
    package var links: [SpanContext] = []
    /// How many more there would be.
    package var droppedLinks = 0
    /// Why it failed, as one word of a small set; nil where it did not.
    package var error: String?

    package init(_ scope: Scope, _ context: SpanContext, parent: Parent?, start: UInt64, end: UInt64) {
        self.scope = scope
        self.context = context
        self.parent = parent
        self.start = start
        self.end = end
    }

    /// The wall clock in unix nanoseconds.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

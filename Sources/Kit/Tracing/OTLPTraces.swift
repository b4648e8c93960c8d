internal import JSONBytes

/// A request of OTLP over HTTP in its JSON encoding: the standard has two encodings of the same messages, and the one
/// in JSON needs no more than the writer that is here already, and can be read on the wire.
enum OTLPTraces {
    /// - Parameter resource: what the process says about itself.
    static func encode(_ spans: ArraySlice<Span>, resource: [(name: String, value: String)]) -> [UInt8] {
        var writer = JSONWriter(ByteBuffer(capacity: 1_024 + spans.count * 768))
        writer.beginObject()
        writer.key("resourceSpans")
        writer.beginArray()
        writer.beginObject()
        writer.key("resource")
        writer.beginObject()
        writer.key("attributes")
        writer.beginArray()
        for (name, value) in resource { write(name, .text(value), to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.key("scopeSpans")
        writer.beginArray()
        writer.beginObject()
        writer.key("scope")
        writer.beginObject()
        writer.key("name")
        writer.string("notificationhub")
        writer.endObject()
        writer.key("spans")
        writer.beginArray()
        for span in spans { write(span, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }

    private static func write(_ span: Span, to writer: inout JSONWriter) {
        writer.beginObject()
        write(span.context, to: &writer)
        if let tracestate = span.tracestate {
            writer.key("traceState")
            writer.string(tracestate)
        }
        if let parent = span.parent {
            writer.key("parentSpanId")
            writer.string(hex(parent.span))
        }
        writer.key("flags")
        writer.integer(Int(span.context.flags) | 0x100 | (span.parent?.isRemote == true ? 0x200 : 0))
        writer.key("name")
        writer.string(span.scope.name)
        writer.key("kind")
        writer.integer(span.scope.kind.rawValue)
        // Numbers of 64 bits are text in the JSON of Protocol Buffers.
        writer.key("startTimeUnixNano")
        writer.string(String(span.start))
        writer.key("endTimeUnixNano")
        writer.string(String(max(span.start, span.end)))
        writer.key("attributes")
        writer.beginArray()
        for attribute in span.scope.attributes + span.attributes {
            write(attribute.name.description, attribute.value, to: &writer)
        }
        if let error = span.error { write("error.type", .text(error), to: &writer) }
        writer.endArray()
        writeLinks(of: span, to: &writer)
        if span.error != nil {
            writer.key("status")
            writer.beginObject()
            writer.key("code")
            writer.integer(2)
            writer.endObject()
        }
        writer.endObject()
    }

    private static func writeLinks(of span: Span, to writer: inout JSONWriter) {
        guard !span.links.isEmpty else { return }
        writer.key("links")
        writer.beginArray()
        for link in span.links {
            writer.beginObject()
            write(link, to: &writer)
            writer.key("flags")
            writer.integer(Int(link.flags))
            writer.endObject()
        }
        writer.endArray()
        if span.droppedLinks > 0 {
            writer.key("droppedLinksCount")
            writer.integer(span.droppedLinks)
        }
    }

    private static func write(_ context: SpanContext, to writer: inout JSONWriter) {
        writer.key("traceId")
        writer.string(hex(context.trace.high) + hex(context.trace.low))
        writer.key("spanId")
        writer.string(hex(context.span))
    }

    private static func write(_ name: String, _ value: Span.Attribute.Value, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("key")
        writer.string(name)
        writer.key("value")
        writer.beginObject()
        switch value {
        case .text(let text):
            writer.key("stringValue")
            writer.string(text)
        case .integer(let number):
            writer.key("intValue")
            writer.string(String(number))
        }
        writer.endObject()
        writer.endObject()
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

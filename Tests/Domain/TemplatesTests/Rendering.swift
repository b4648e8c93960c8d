import JSONBytes

@testable import Templates

/// Renders a template over JSON texts, for tests. What is rendered for the inside of a JSON string is read as one.
func render(_ template: Template, data: String, contact: String? = nil, type: String = "order.created") throws -> String
{
    let document = try JSONDocument(copying: data)
    let contactDocument = try contact.map { try JSONDocument(copying: $0) }
    guard let root = document.root else { return "" }
    var output = ByteBuffer()
    try withBytes("e1", type, "order.events", "2026-11-21T01:00:00.000Z") { id, type, source, time in
        let attributes = EventAttributes(id: id, type: type, source: source, time: time)
        let scope = TemplateScope(data: root, contact: contactDocument?.root, attributes: attributes)
        try template.render(scope, into: &output)
    }
    // The values are views into the documents.
    withExtendedLifetime((document, contactDocument)) {}
    let text = String(decoding: output.bytes, as: UTF8.self)
    guard template.target == .jsonString else { return text }
    let string = try JSONDocument(copying: "\"\(text)\"")
    defer { withExtendedLifetime(string) {} }
    return string.root?.string ?? ""
}

/// Compiles and renders in one go.
func render(
    _ text: String, data: String, contact: String? = nil, escaping: Template.Escaping = .html,
    partials: [String: String] = [:], mode: Template.Mode = .strict, for target: Template.Target = .text
) throws -> String {
    let template = try compile(text, escaping: escaping, partials: partials, mode: mode, for: target)
    return try render(template, data: data, contact: contact)
}

/// Compiles `text` as `t.mustache` with partials named like their files.
func compile(
    _ text: String, escaping: Template.Escaping = .html, partials: [String: String] = [:],
    mode: Template.Mode = .strict, for target: Template.Target = .text
) throws(TemplateError) -> Template {
    var sources: [String: TemplateSource] = [:]
    for (name, text) in partials { sources[name] = TemplateSource(file: "\(name).mustache", text: text) }
    return try Template.compile(
        TemplateSource(file: "t.mustache", text: text), escaping: escaping, partials: PartialSet(sources), mode: mode,
        for: target)
}

extension JSONDocument {
    convenience init(copying text: String) throws(JSONFault) {
        let bytes = Array(text.utf8)
        try self.init(copyingBytes: bytes)
    }

    private convenience init(copyingBytes bytes: [UInt8]) throws(JSONFault) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        try self.init(copying: UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]))
    }
}

private func withBytes(
    _ first: String, _ second: String, _ third: String, _ fourth: String,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws ->
        Void
) throws {
    try Array(first.utf8).withUnsafeBytes { first in
        try Array(second.utf8).withUnsafeBytes { second in
            try Array(third.utf8).withUnsafeBytes { third in
                try Array(fourth.utf8).withUnsafeBytes { try body(first, second, third, $0) }
            }
        }
    }
}

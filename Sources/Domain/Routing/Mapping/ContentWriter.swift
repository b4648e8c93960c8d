internal import Events
internal import JSONBytes
internal import Notifications
internal import Templates

/// Writes the parts of a notification that differ from channel to channel.
struct ContentWriter: ~Copyable {
    /// Slack's blocks before they are known to be JSON.
    private var rendered = ByteBuffer()
    private let document = JSONDocument()
    /// What the templates have looked at for the event.
    private var visits = 0

    /// Begins the notifications of another event.
    mutating func begin() { visits = 0 }

    // MARK: - Recipient

    /// Appends `,"recipient":{…}`.
    static func writeRecipient(
        _ recipient: UnsafeRawBufferPointer, name: Composition.Found?, _ draft: Draft, into bytes: inout ByteBuffer
    ) {
        switch (draft.entry.channel, draft.entry.recipients) {
        case (.email, _):
            bytes.append(#","recipient":{"email":"#, string: recipient)
            if case .json(let name) = name, name.kind == .string, !name.raw.isEmpty {
                bytes.append(#","name":"#)
                bytes.append(name.json)
            }
        case (.sms, _): bytes.append(#","recipient":{"phone":"#, string: recipient)
        case (_, .urls(_, let endpoint)):
            bytes.append(#","recipient":{"url":"#, string: recipient)
            endpoint.withUnsafeBytes { bytes.append(#","endpoint":"#, string: $0) }
        default: bytes.append(#","recipient":{"endpoint":"#, string: recipient)
        }
        bytes.append("}")
    }

    // MARK: - Content

    /// Appends `,"content":{…}`.
    ///
    /// - Throws: a template's missing value, or blocks that are no JSON.
    mutating func write(_ draft: Draft, into bytes: inout ByteBuffer) throws(Rejection) {
        guard let templates = draft.entry.templates else {
            bytes.append(#","content":{"type":"#, string: draft.event.type)
            bytes.append(#","timestamp":"#, string: draft.event.time)
            bytes.append(#","data":"#)
            bytes.append(draft.event.data.json)
            return bytes.append("}")
        }
        switch templates.variant(for: draft.locale).templates {
        case .email(let subject, let text, let html):
            try Self.write(#","content":{"subject":""#, subject, draft, &visits, into: &bytes)
            try Self.write(#","text":""#, text, draft, &visits, into: &bytes)
            if let html { try Self.write(#","html":""#, html, draft, &visits, into: &bytes) }
        case .sms(let text): try Self.write(#","content":{"text":""#, text, draft, &visits, into: &bytes)
        case .slack(let text, let blocks):
            try Self.write(#","content":{"text":""#, text, draft, &visits, into: &bytes)
            if let blocks { try writeBlocks(blocks, draft, into: &bytes) }
        }
        bytes.append("}")
    }

    /// Appends `prefix` and the rendered text as the rest of a JSON string.
    private static func write(
        _ prefix: StaticString, _ template: Template, _ draft: Draft, _ visits: inout Int, into bytes: inout ByteBuffer
    ) throws(Rejection) {
        bytes.append(prefix)
        try render(template, draft, &visits, into: &bytes)
        bytes.append("\"")
    }

    private mutating func writeBlocks(_ template: Template, _ draft: Draft, into bytes: inout ByteBuffer)
        throws(Rejection)
    {
        rendered.removeAll()
        try Self.render(template, draft, &visits, into: &rendered)
        guard let blocks = try? document.parse(rendered.bytes), blocks.kind == .array else {
            throw Rejection(
                .template, code: "bad_blocks",
                message: "route \(Self.name(of: draft.entry)): the Slack blocks do not render to a JSON array",
                stage: .map)
        }
        bytes.append(#","blocks":"#)
        bytes.append(blocks.json)
    }

    private static func render(
        _ template: Template, _ draft: Draft, _ visits: inout Int, into bytes: inout ByteBuffer
    ) throws(Rejection) {
        do throws(MissingValue) {
            try template.render(draft.composition.pointee.scope, visits: &visits, into: &bytes)
        } catch {
            throw Rejection(
                .template, code: "missing_value", message: "route \(name(of: draft.entry)): \(error.message)",
                stage: .map)
        }
    }

    private static func name(of entry: Entry) -> String { String(decoding: entry.routeName, as: UTF8.self) }

    // MARK: - Metadata

    /// Appends `,"metadata":{…}`, without the members whose path leads to nothing.
    static func writeMetadata(_ draft: Draft, into bytes: inout ByteBuffer) {
        bytes.append(#","metadata":{"#)
        var isFirst = true
        for member in draft.entry.metadata {
            let found: Composition.Found?
            switch member.value {
            case .constant: found = nil
            case .path(let path):
                found = draft.composition.pointee.value(at: path)
                if found == nil { continue }
            }
            if !isFirst { bytes.append(",") }
            isFirst = false
            bytes.append(member.keyJSON)
            switch (member.value, found) {
            case (.constant(let json), _): bytes.append(json)
            case (_, .json(let value)): bytes.append(value.json)
            case (_, .text(let text)): bytes.append("", string: text)
            case (.path, nil): break
            }
        }
        bytes.append("}")
    }
}

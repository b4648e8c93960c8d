internal import Events
internal import JSONBytes
internal import Notifications
internal import Templates

/// Writes the parts of a notification that differ from channel to channel.
struct ContentWriter {
    private var rendered: [UInt8] = []
    private let document = JSONDocument()

    // MARK: - Recipient

    /// Appends `,"recipient":{…}`.
    func writeRecipient(
        _ recipient: UnsafeRawBufferPointer, name: Composition.Found?, _ draft: Draft, into bytes: inout [UInt8]
    ) {
        switch (draft.entry.channel, draft.entry.recipients) {
        case (.email, _):
            bytes.append(#","recipient":{"email":"#, string: recipient)
            if case .json(let name) = name, name.kind == .string, !name.raw.isEmpty {
                bytes.append(#","name":"#)
                bytes.append(contentsOf: name.json)
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
    mutating func write(_ draft: Draft, into bytes: inout [UInt8]) throws(Rejection) {
        guard let templates = draft.entry.templates else {
            bytes.append(#","content":{"type":"#, string: draft.event.type)
            bytes.append(#","timestamp":"#, string: draft.event.time)
            bytes.append(#","data":"#)
            bytes.append(contentsOf: draft.event.data.json)
            return bytes.append("}")
        }
        switch templates.variant(for: draft.locale).templates {
        case .email(let subject, let text, let html):
            try write(#","content":{"subject":""#, subject, draft, into: &bytes)
            try write(#","text":""#, text, draft, into: &bytes)
            if let html { try write(#","html":""#, html, draft, into: &bytes) }
        case .sms(let text): try write(#","content":{"text":""#, text, draft, into: &bytes)
        case .slack(let text, let blocks):
            try write(#","content":{"text":""#, text, draft, into: &bytes)
            if let blocks { try writeBlocks(blocks, draft, into: &bytes) }
        }
        bytes.append("}")
    }

    /// Appends `prefix` and the rendered text as the rest of a JSON string.
    private mutating func write(
        _ prefix: StaticString, _ template: Template, _ draft: Draft, into bytes: inout [UInt8]
    ) throws(Rejection) {
        try render(template, draft)
        bytes.append(prefix)
        rendered.withUnsafeBytes { JSONWriter.appendEscaped($0, to: &bytes) }
        bytes.append("\"")
    }

    private mutating func writeBlocks(_ template: Template, _ draft: Draft, into bytes: inout [UInt8]) throws(Rejection)
    {
        try render(template, draft)
        let document = document
        let isArray = rendered.withUnsafeBytes { text in
            guard let blocks = try? document.parse(text), blocks.kind == .array else { return false }
            bytes.append(#","blocks":"#)
            bytes.append(contentsOf: blocks.json)
            return true
        }
        guard isArray else {
            throw Rejection(
                .template, code: "bad_blocks",
                message: "route \(Self.name(of: draft.entry)): the Slack blocks do not render to a JSON array",
                stage: .map)
        }
    }

    private mutating func render(_ template: Template, _ draft: Draft) throws(Rejection) {
        rendered.removeAll(keepingCapacity: true)
        do throws(MissingValue) {
            try template.render(draft.composition.scope, into: &rendered)
        } catch {
            throw Rejection(
                .template, code: "missing_value", message: "route \(Self.name(of: draft.entry)): \(error.message)",
                stage: .map)
        }
    }

    private static func name(of entry: Entry) -> String { String(decoding: entry.routeName, as: UTF8.self) }

    // MARK: - Metadata

    /// Appends `,"metadata":{…}`, without the members whose path leads to nothing.
    func writeMetadata(_ draft: Draft, into bytes: inout [UInt8]) {
        bytes.append(#","metadata":{"#)
        var isFirst = true
        for member in draft.entry.metadata {
            let found: Composition.Found?
            switch member.value {
            case .constant: found = nil
            case .path(let path):
                found = draft.composition.value(at: path)
                if found == nil { continue }
            }
            if !isFirst { bytes.append(",") }
            isFirst = false
            bytes.append(contentsOf: member.keyJSON)
            switch (member.value, found) {
            case (.constant(let json), _): bytes.append(contentsOf: json)
            case (_, .json(let value)): bytes.append(contentsOf: value.json)
            case (_, .text(let text)): bytes.append("", string: text)
            case (.path, nil): break
            }
        }
        bytes.append("}")
    }
}

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
        _ recipient: UnsafeRawBufferPointer, name: Composition.Found?, _ entry: Entry, into bytes: inout [UInt8]
    ) {
        switch (entry.channel, entry.recipients) {
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
    mutating func write(_ entry: Entry, _ current: Composition, into bytes: inout [UInt8]) throws(Rejection) {
        guard let templates = entry.templates else {
            bytes.append(#","content":{"type":"#, string: current.event.type)
            bytes.append(#","timestamp":"#, string: current.event.time)
            bytes.append(#","data":"#)
            bytes.append(contentsOf: current.event.data.json)
            return bytes.append("}")
        }
        switch templates.variant(for: locale(of: entry, current)).templates {
        case .email(let subject, let text, let html):
            try write(#","content":{"subject":""#, subject, entry, current, into: &bytes)
            try write(#","text":""#, text, entry, current, into: &bytes)
            if let html { try write(#","html":""#, html, entry, current, into: &bytes) }
        case .sms(let text): try write(#","content":{"text":""#, text, entry, current, into: &bytes)
        case .slack(let text, let blocks):
            try write(#","content":{"text":""#, text, entry, current, into: &bytes)
            if let blocks { try writeBlocks(blocks, entry, current, into: &bytes) }
        }
        bytes.append("}")
    }

    /// Appends `prefix` and the rendered text as the rest of a JSON string.
    private mutating func write(
        _ prefix: StaticString, _ template: Template, _ entry: Entry, _ current: Composition,
        into bytes: inout [UInt8]
    ) throws(Rejection) {
        try render(template, entry, current)
        bytes.append(prefix)
        rendered.withUnsafeBytes { JSONWriter.appendEscaped($0, to: &bytes) }
        bytes.append("\"")
    }

    private mutating func writeBlocks(
        _ template: Template, _ entry: Entry, _ current: Composition, into bytes: inout [UInt8]
    ) throws(Rejection) {
        try render(template, entry, current)
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
                message: "route \(Self.name(of: entry)): the Slack blocks do not render to a JSON array", stage: .map)
        }
    }

    private mutating func render(
        _ template: Template, _ entry: Entry, _ current: Composition
    ) throws(Rejection) {
        rendered.removeAll(keepingCapacity: true)
        do throws(MissingValue) {
            try template.render(current.scope, into: &rendered)
        } catch {
            throw Rejection(
                .template, code: "missing_value", message: "route \(Self.name(of: entry)): \(error.message)",
                stage: .map)
        }
    }

    private static func name(of entry: Entry) -> String { String(decoding: entry.routeName, as: UTF8.self) }

    // MARK: - Language and metadata

    /// The language tag of the user, as the first path that has one says; valid until the next call.
    func locale(of entry: Entry, _ current: Composition) -> UnsafeRawBufferPointer? {
        for path in entry.localePaths {
            switch current.value(at: path) {
            case .json(let value) where value.kind == .string && !value.raw.isEmpty && !value.hasEscapes:
                return value.raw
            case .text(let text) where !text.isEmpty: return text
            default: continue
            }
        }
        return nil
    }

    /// Appends `,"metadata":{…}`, without the members whose path leads to nothing; nothing where none is left.
    func writeMetadata(_ metadata: [Entry.Metadatum], _ current: Composition, into bytes: inout [UInt8]) {
        var isFirst = true
        for member in metadata {
            let found: Composition.Found?
            switch member.value {
            case .constant: found = nil
            case .path(let path):
                found = current.value(at: path)
                if found == nil { continue }
            }
            bytes.append(isFirst ? #","metadata":{"# : ",")
            isFirst = false
            bytes.append(contentsOf: member.keyJSON)
            switch (member.value, found) {
            case (.constant(let json), _): bytes.append(contentsOf: json)
            case (_, .json(let value)): bytes.append(contentsOf: value.json)
            case (_, .text(let text)): bytes.append("", string: text)
            case (.path, nil): break
            }
        }
        if !isFirst { bytes.append("}") }
    }
}

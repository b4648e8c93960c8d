internal import CYAML

/// Turns libyaml's events into nodes. One use.
struct YAMLParser {
    private static let maximumDepth = 64

    private let text: String
    private let file: String

    init(text: String, file: String) {
        self.text = text
        self.file = file
    }

    /// - Returns: the only document; nil when the text is no YAML, which is then the last fault.
    func parse(_ faults: inout [SettingsFault]) -> YAMLNode? {
        var text = text
        return text.withUTF8 { bytes -> YAMLNode? in
            var run = Run(events: YAMLEvents(bytes), file: file)
            let node: YAMLNode?
            do throws(YAMLEvents.Fault) {
                node = try run.document()
            } catch {
                run.report(line: error.line, message: error.message)
                node = nil
            }
            faults += run.faults
            return node
        }
    }

    /// One pass over the events.
    private struct Run {
        let events: YAMLEvents
        let file: String
        var faults: [SettingsFault] = []
        var depth = 0

        mutating func report(line: Int, key: String = "", message: String) {
            faults.append(SettingsFault(file: file, line: line, key: key, message: message))
        }

        mutating func document() throws(YAMLEvents.Fault) -> YAMLNode {
            let first = try events.next()
            guard first.kind != .end else { return YAMLNode(content: .mapping([]), line: 1) }
            let node = try node(first, path: "")
            let next = try events.next()
            if next.kind != .end { report(line: next.line, message: "must hold one document only") }
            return node.isNull ? YAMLNode(content: .mapping([]), line: 1) : node
        }

        private mutating func node(_ event: YAMLEvents.Event, path: String) throws(YAMLEvents.Fault) -> YAMLNode {
            if event.hasAnchor { report(line: event.line, message: "anchors and aliases are not supported") }
            if event.hasTag { report(line: event.line, message: "tags are not supported") }
            switch event.kind {
            case .scalar(let text, let plain):
                if text.utf8.contains(0) { report(line: event.line, message: "a value must not hold a NUL character") }
                return YAMLNode(content: .scalar(text, plain: plain), line: event.line)
            case .sequenceStart:
                try enter(event)
                var elements: [YAMLNode] = []
                while case let next = try events.next(), next.kind != .sequenceEnd {
                    elements.append(try node(next, path: "\(path)[\(elements.count)]"))
                }
                depth -= 1
                return YAMLNode(content: .sequence(elements), line: event.line)
            case .mappingStart:
                try enter(event)
                let members = try members(path: path)
                depth -= 1
                return YAMLNode(content: .mapping(members), line: event.line)
            case .alias, .sequenceEnd, .mappingEnd, .end:
                return YAMLNode(content: .scalar("", plain: true), line: event.line)
            }
        }

        private mutating func members(path: String) throws(YAMLEvents.Fault) -> [YAMLNode.Member] {
            var members: [YAMLNode.Member] = []
            var lines: [String: Int] = [:]
            while case let event = try events.next(), event.kind != .mappingEnd {
                let key = try node(event, path: path)
                let keyPath = path.isEmpty ? key.text ?? "" : "\(path).\(key.text ?? "")"
                let value = try node(try events.next(), path: keyPath)
                guard let name = key.text, !event.isAlias else {
                    report(line: key.line, message: "a key must be a single value")
                    continue
                }
                if let line = lines[name] {
                    report(line: key.line, key: keyPath, message: "doubled key, first on line \(line)")
                    continue
                }
                lines[name] = key.line
                members.append(.init(key: name, keyLine: key.line, value: value))
            }
            return members
        }

        private mutating func enter(_ event: YAMLEvents.Event) throws(YAMLEvents.Fault) {
            depth += 1
            guard depth <= YAMLParser.maximumDepth else {
                throw .init(line: event.line, message: "is nested deeper than \(YAMLParser.maximumDepth) levels")
            }
        }
    }
}

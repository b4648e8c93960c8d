internal import JSONBytes

/// An event's members as a command line writes them: `user_id=u1 amount=99.99 recipient.email=a@example.com`. Pure.
struct EventFields: Equatable {
    /// A member, or an object of members.
    indirect enum Node: Equatable {
        case json(String)
        case object([(name: String, node: Node)])

        static func == (left: Node, right: Node) -> Bool {
            switch (left, right) {
            case (.json(let left), .json(let right)): left == right
            case (.object(let left), .object(let right)): left.elementsEqual(right, by: ==)
            default: false
            }
        }
    }

    /// Why a word is no member, in a sentence.
    struct Fault: Error, Equatable {
        let message: String
    }

    private var root: [(name: String, node: Node)] = []

    static func == (left: EventFields, right: EventFields) -> Bool { Node.object(left.root) == .object(right.root) }

    init() {}

    /// Takes `path=value`: a value that is JSON is taken as it is, any other one is text.
    mutating func add(_ word: String) throws(Fault) {
        guard let sign = word.firstIndex(of: "=") else {
            throw Fault(message: "\"\(word)\" must be key=value, such as user_id=test123")
        }
        let path = String(word[..<sign])
        try set(path, json: Self.json(String(word[word.index(after: sign)...])))
    }

    /// Sets the member at a path unless there is one.
    mutating func setDefault(_ name: String, text: String) {
        guard !root.contains(where: { $0.name == name }) else { return }
        root.append((name, .json(Self.quoted(text))))
    }

    /// The text or number of a member at the top.
    func text(_ name: String) -> String? {
        guard case .json(let json)? = root.first(where: { $0.name == name })?.node else { return nil }
        var bytes = json
        return bytes.withUTF8 { bytes in
            (try? JSONDocument.read(UnsafeRawBufferPointer(bytes)) { value in
                value.kind == .string || value.kind == .number ? value.string : nil
            }) ?? nil
        }
    }

    var json: String {
        var writer = JSONWriter()
        Self.write(.object(root), to: &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private mutating func set(_ path: String, json: String) throws(Fault) {
        let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !steps.contains(where: \.isEmpty) else {
            throw Fault(message: "\"\(path)\" is no path: write names with points between them, such as order.id")
        }
        guard Self.insert(.json(json), at: steps[...], into: &root) else {
            throw Fault(message: "\(path) is given twice, or inside of something that is no object")
        }
    }

    private static func insert(
        _ node: Node, at steps: ArraySlice<String>, into members: inout [(name: String, node: Node)]
    ) -> Bool {
        guard let name = steps.first else { return false }
        let index = members.firstIndex { $0.name == name }
        guard steps.count > 1 else {
            guard index == nil else { return false }
            members.append((name, node))
            return true
        }
        var inner: [(name: String, node: Node)] = []
        if let index {
            guard case .object(let found) = members[index].node else { return false }
            inner = found
        }
        guard insert(node, at: steps.dropFirst(), into: &inner) else { return false }
        if let index { members[index].node = .object(inner) } else { members.append((name, .object(inner))) }
        return true
    }

    private static func json(_ text: String) -> String {
        var copy = text
        let isJSON = copy.withUTF8 { bytes in
            (try? JSONDocument.read(UnsafeRawBufferPointer(bytes)) { _ in true }) ?? false
        }
        return isJSON ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private static func write(_ node: Node, to writer: inout JSONWriter) {
        switch node {
        case .json(let json): writer.raw(json)
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.name)
                write(member.node, to: &writer)
            }
            writer.endObject()
        }
    }
}

/// One JSON text, scanned once into a flat table of nodes over bytes that the document does not own.
///
/// The scan validates all of RFC 8259 and accepts nothing more:
/// - exactly one value of any kind, with nothing but the four white space characters around it; no bytes behind it, no
///   comments, no trailing commas, no byte order mark, no encoding but UTF-8;
/// - numbers by the grammar, of any length and size: they keep their text, and nothing is rounded;
/// - strings without control characters (U+0000 to U+001F), with the RFC's escapes only, and of well-formed UTF-8: no
///   overlong forms, no surrogates, nothing above U+10FFFF. Outside of strings only ASCII is grammatical;
/// - at most `maximumDepth` arrays and objects open at once, where the RFC leaves the limit to the parser.
///
/// Where the RFC lets parsers differ: doubled keys are accepted and the last one counts (``JSONValue/member(_:)``); a
/// `\u` escape that names half of a surrogate pair is accepted, as the grammar does, and reads as U+FFFD; U+0000 may be
/// written as an escape. `Tests/Kit/JSONBytesTests/Fixtures/cases.txt` has a case for each of these sentences.
///
/// A document is meant to be reused: `parse` keeps the capacity of the node table, so that a steady stream of events
/// allocates nothing. Values are views: they are valid until the next `parse`, and only as long as both the bytes and
/// the document live. Swift may release a local document after its last use, so keep it in a stored property, or read
/// inside of ``read(_:maximumDepth:_:)``.
///
/// Not thread-safe: one owner at a time.
public final class JSONDocument {
    private var nodes: UnsafeMutablePointer<JSONNode>
    private var capacity: Int
    private var ownedBytes: UnsafeMutableRawBufferPointer?
    /// The value of the last successful parse; nil before it and after a failed one.
    public var root: JSONValue? { text.map { JSONValue(bytes: $0, nodes: nodes, index: 0) } }
    private var text: UnsafePointer<UInt8>?

    public init() {
        capacity = 64
        nodes = .allocate(capacity: capacity)
    }

    /// A document that keeps its own copy of `bytes`, for values that outlive a record.
    public convenience init(copying bytes: UnsafeRawBufferPointer, maximumDepth: Int = 128) throws(JSONFault) {
        self.init()
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        copy.copyMemory(from: bytes)
        ownedBytes = copy
        try parse(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]), maximumDepth: maximumDepth)
    }

    /// Scans `bytes` and calls `body` with the value, which is valid inside of the call only.
    public static func read<Result>(
        _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 128, _ body: (JSONValue) throws -> Result
    ) throws -> Result {
        let document = JSONDocument()
        return try withExtendedLifetime(document) {
            try body(document.parse(bytes, maximumDepth: maximumDepth))
        }
    }

    deinit {
        nodes.deallocate()
        ownedBytes?.deallocate()
    }

    /// Scans `bytes`, which must hold exactly one JSON value with optional white space around it.
    ///
    /// - Parameters:
    ///   - bytes: the text; at most 2 GiB; must outlive every value that is read from this document.
    ///   - maximumDepth: how many arrays and objects may be open at once.
    /// - Throws: the first fault with its byte offset.
    @discardableResult
    public func parse(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 128) throws(JSONFault) -> JSONValue {
        text = nil
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONFault(.empty, at: 0) }
        guard bytes.count < Int(Int32.max) else { throw JSONFault(.tooLarge, at: 0) }
        let needed = JSONScanner.maximumNodes(in: bytes.count, maximumDepth: maximumDepth)
        if needed > capacity { makeRoom(needed) }
        let start = base.assumingMemoryBound(to: UInt8.self)
        var scanner = JSONScanner(start, count: bytes.count, maximumDepth: maximumDepth, nodes: nodes)
        try scanner.scan()
        text = start
        return JSONValue(bytes: start, nodes: nodes, index: 0)
    }

    private func makeRoom(_ needed: Int) {
        nodes.deallocate()
        capacity = max(needed, 2 * capacity)
        nodes = .allocate(capacity: capacity)
    }
}

/// One value or key of a document.
@usableFromInline
struct JSONNode {
    @usableFromInline var kind: JSONKind
    /// A string or key with at least one backslash: its text is not its bytes.
    @usableFromInline var hasEscapes: Bool
    /// The text's first byte and its length; strings and keys without their quotes.
    @usableFromInline var start: Int32
    @usableFromInline var count: Int32
    /// The index behind this value's last descendant.
    @usableFromInline var next: Int32
}

/// What a value is. `key` occurs only inside of objects.
public enum JSONKind: UInt8, Sendable {
    case object, array, string, number, `true`, `false`, null, key
}

/// Why a text is not acceptable JSON, and where.
public struct JSONFault: Error, Equatable, Sendable {
    public enum Code: String, Sendable {
        case empty, tooLarge, tooDeep, unexpectedEnd, unexpectedByte, badNumber, badEscape, controlCharacter
        case invalidUTF8, trailingBytes
    }

    public let code: Code
    /// The byte offset of the fault.
    public let offset: Int

    init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// One sentence for a log line or a dead letter; holds nothing of the text itself.
    public var message: String {
        let what =
            switch code {
            case .empty: "the text is empty"
            case .tooLarge: "the text is larger than 2 GiB"
            case .tooDeep: "arrays and objects are nested too deeply"
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte: "a byte that JSON does not allow here"
            case .badNumber: "a malformed number"
            case .badEscape: "a malformed escape in a string"
            case .controlCharacter: "a control character in a string"
            case .invalidUTF8: "invalid UTF-8 in a string"
            case .trailingBytes: "bytes behind the value"
            }
        return "\(what) (at byte \(offset))"
    }
}

/// Which names an object can have: a bit for each, made of its length and first byte. Collected once, they tell at once
/// of most names that they are not there, where looking for them means going through all members.
public struct JSONNames: Sendable {
    private var bits: UInt64 = 0

    /// The names of an object's members; of any other value all names there are.
    public init(of value: JSONValue) {
        guard value.kind == .object else {
            bits = .max
            return
        }
        value.forEachMember { key, _ in bits |= key.hasEscapes ? .max : Self.bit(of: key.raw) }
    }

    /// One name.
    init(_ name: UnsafeRawBufferPointer) { bits = Self.bit(of: name) }

    /// Whether one of the others can be among these.
    func canHave(_ others: JSONNames) -> Bool { bits & others.bits != 0 }

    @inline(__always)
    private static func bit(of name: UnsafeRawBufferPointer) -> UInt64 {
        1 << ((UInt64(name.first ?? 0) &* 7 &+ UInt64(truncatingIfNeeded: name.count)) & 63)
    }
}

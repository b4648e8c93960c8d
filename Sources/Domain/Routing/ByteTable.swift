/// A hash table with byte strings as keys that is asked with borrowed bytes, so that a look-up allocates nothing.
struct ByteTable<Value> {
    private struct Entry {
        let key: [UInt8]
        var value: Value
    }

    /// By the key's hash; mostly one entry each.
    private var buckets: [Int: [Entry]] = [:]
    private(set) var count = 0

    func value(for key: UnsafeRawBufferPointer) -> Value? {
        buckets[Self.hash(key)]?.first { key.elementsEqual($0.key) }?.value
    }

    /// Sets the value of `key`, or removes it with nil.
    mutating func set(_ value: Value?, for key: UnsafeRawBufferPointer) {
        let hash = Self.hash(key)
        var entries = buckets[hash] ?? []
        let before = entries.count
        entries.removeAll { key.elementsEqual($0.key) }
        if let value { entries.append(Entry(key: Array(key), value: value)) }
        buckets[hash] = entries.isEmpty ? nil : entries
        count += entries.count - before
    }

    mutating func removeAll() {
        buckets.removeAll()
        count = 0
    }

    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return hasher.finalize()
    }
}

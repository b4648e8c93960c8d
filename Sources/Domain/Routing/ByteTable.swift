internal import JSONBytes

/// A hash table with byte strings as keys that is asked with borrowed bytes, so that a look-up allocates nothing.
struct ByteTable<Value> {
    private struct Entry {
        let hash: Int
        let key: [UInt8]
        let value: Value

        func isOf(_ key: UnsafeRawBufferPointer, hash: Int) -> Bool {
            self.hash == hash && self.key.withUnsafeBytes { $0.hasSameBytes(as: key) }
        }
    }

    /// As many as a power of two, and at least as many as entries: so mostly one entry each. A dictionary would hash
    /// the hash once more.
    private var buckets: [[Entry]] = [[]]
    private(set) var count = 0

    func value(for key: UnsafeRawBufferPointer) -> Value? {
        let hash = Self.hash(key)
        return buckets[hash & (buckets.count - 1)].first { $0.isOf(key, hash: hash) }?.value
    }

    /// Sets the value of `key`, or removes it with nil.
    mutating func set(_ value: Value?, for key: UnsafeRawBufferPointer) {
        let hash = Self.hash(key)
        let bucket = hash & (buckets.count - 1)
        if let index = buckets[bucket].firstIndex(where: { $0.isOf(key, hash: hash) }) {
            buckets[bucket].remove(at: index)
            count -= 1
        }
        guard let value else { return }
        if count == buckets.count { grow() }
        buckets[hash & (buckets.count - 1)].append(Entry(hash: hash, key: Array(key), value: value))
        count += 1
    }

    mutating func removeAll() {
        buckets = [[]]
        count = 0
    }

    private mutating func grow() {
        var larger = [[Entry]](repeating: [], count: buckets.count * 2)
        for entry in buckets.joined() { larger[entry.hash & (larger.count - 1)].append(entry) }
        buckets = larger
    }

    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return hasher.finalize()
    }
}

internal import JSONBytes

/// Texts that an event needs but its record does not hold as they are: unescaped, or made up. One buffer that is
/// reused for every event and never moves while the texts of one event are taken from it.
struct TextArena: ~Copyable {
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 1)
    private var used = 0
    private var scratch = ByteBuffer()

    deinit {
        buffer.deallocate()
    }

    /// Forgets all texts and makes room for `capacity` bytes of new ones.
    mutating func reset(capacity: Int) {
        used = 0
        guard capacity > buffer.count else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: capacity, alignment: 1)
    }

    /// A text that `build` appends to an empty buffer.
    mutating func text(_ build: (inout ByteBuffer) -> Void) -> UnsafeRawBufferPointer {
        scratch.removeAll()
        build(&scratch)
        precondition(used + scratch.count <= buffer.count, "an event's texts are never longer than announced")
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + scratch.count])
        target.copyMemory(from: scratch.bytes)
        used += scratch.count
        return UnsafeRawBufferPointer(target)
    }
}

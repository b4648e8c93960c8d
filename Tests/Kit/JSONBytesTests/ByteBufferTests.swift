import Testing

@testable import JSONBytes

struct ByteBufferTests {
    @Test func givesBackWhatARareLargeContentNeeded() {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append([UInt8](repeating: 1, count: 100))
        let grown = buffer.capacity
        buffer.removeAll(keepingAtMost: grown)
        #expect(buffer.isEmpty && buffer.capacity == grown)
        buffer.append([2, 3])
        buffer.removeAll(keepingAtMost: 32)
        #expect(buffer.isEmpty && buffer.capacity == 32)
        buffer.append([UInt8](repeating: 4, count: 40))
        #expect(Array(buffer.bytes) == [UInt8](repeating: 4, count: 40))
    }
}

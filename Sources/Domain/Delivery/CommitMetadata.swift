internal import Digest

/// The completed offsets above a committed one, as text for the commit's metadata.
///
/// At most 4096 bytes, plain ASCII (base64), because brokers limit the size and librdkafka 2.0.2 corrupts NUL bytes.
/// Runs of incomplete and completed offsets as variable-length numbers, or one bit an offset where that is shorter.
/// What does not fit is left out: those records are delivered again after a crash.
package enum CommitMetadata {
    package static let maximumBytes = 4_096
    private static let prefix = "nh1:"
    private enum Form { static let runs: UInt8 = 1, bits: UInt8 = 2 }

    /// - Parameters:
    ///   - base: the offset of the commit; ranges below it are ignored.
    ///   - limit: the longest text, in bytes.
    /// - Returns: `nil` if nothing above `base` is complete, or nothing of it fits.
    package static func encode(
        _ completed: CompletedOffsets, base: Int64, limit: Int = maximumBytes
    ) -> String? {
        let completed = completed.from(base)
        let room = (min(limit, maximumBytes) - prefix.utf8.count) / 4 * 3
        guard let end = completed.upperBound, room > 1 else { return nil }
        // One byte for the form; rounded up without a sum that could leave the range.
        let bitBytes = Int((end - base - 1) / 8) + 2
        let all = runs(completed, base: base, limit: min(room, bitBytes))
        if let payload = all.isWhole || bitBytes > room ? all.payload : bits(completed, base: base, count: bitBytes) {
            return prefix + Base64.encode(payload)
        }
        return nil
    }

    /// Reads what `encode` wrote; anything else, such as another tool's text, is an empty set.
    package static func decode(_ text: String?, base: Int64) -> CompletedOffsets {
        guard let text, text.hasPrefix(prefix), text.utf8.count <= maximumBytes,
            let payload = Base64.decode(String(text.dropFirst(prefix.utf8.count))), let form = payload.first
        else { return CompletedOffsets() }
        switch form {
        case Form.runs: return decodeRuns(payload.dropFirst(), base: base)
        case Form.bits: return decodeBits(payload.dropFirst(), base: base)
        default: return CompletedOffsets()
        }
    }

    // MARK: - Runs

    /// As many runs as fit, the lowest first; no payload where there is room for none.
    private static func runs(
        _ completed: CompletedOffsets, base: Int64, limit: Int
    ) -> (payload: [UInt8]?, isWhole: Bool) {
        var payload = [Form.runs]
        var position = base
        for range in completed.ranges {
            let size = payload.count
            append(UInt64(range.lowerBound - position), to: &payload)
            append(UInt64(range.upperBound - range.lowerBound), to: &payload)
            position = range.upperBound
            guard payload.count > limit else { continue }
            payload.removeLast(payload.count - size)
            return (size > 1 ? payload : nil, false)
        }
        return (payload, true)
    }

    private static func append(_ number: UInt64, to payload: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            payload.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        payload.append(UInt8(rest))
    }

    private static func decodeRuns(_ payload: ArraySlice<UInt8>, base: Int64) -> CompletedOffsets {
        var result = CompletedOffsets()
        var rest = payload
        var position = base
        while !rest.isEmpty {
            guard let gap = number(&rest), let length = number(&rest), length > 0,
                gap <= Int64.max - position, length <= Int64.max - position - gap
            else { return CompletedOffsets() }
            position += gap
            result.append(position..<position + length)
            position += length
        }
        return result
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst(), shift < 63 {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(exactly: value) }
            shift += 7
        }
        return nil
    }

    // MARK: - Bits

    private static func bits(_ completed: CompletedOffsets, base: Int64, count: Int) -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: count)
        payload[0] = Form.bits
        for range in completed.ranges {
            for offset in range {
                let index = Int(offset - base)
                payload[1 + index / 8] |= 1 << UInt8(index % 8)
            }
        }
        return payload
    }

    private static func decodeBits(_ payload: ArraySlice<UInt8>, base: Int64) -> CompletedOffsets {
        var result = CompletedOffsets()
        guard base <= Int64.max - Int64(payload.count) * 8 else { return result }
        var offset = base
        for byte in payload {
            for bit in 0..<8 {
                if byte & 1 << UInt8(bit) != 0 { result.append(offset..<offset + 1) }
                offset += 1
            }
        }
        return result
    }
}

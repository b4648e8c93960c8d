/// A set of offsets as ascending, disjoint ranges.
package struct CompletedOffsets: Sendable, Equatable {
    package private(set) var ranges: [Range<Int64>] = []

    package init() {}

    package var isEmpty: Bool { ranges.isEmpty }
    package var upperBound: Int64? { ranges.last?.upperBound }

    /// Adds a range that starts at or above everything in the set; touching ranges become one.
    package mutating func append(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        if let last = ranges.last, last.upperBound >= range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    package func contains(_ offset: Int64) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(offset)
    }

    /// What lies at or above an offset.
    package func from(_ offset: Int64) -> CompletedOffsets {
        var result = CompletedOffsets()
        for range in ranges where range.upperBound > offset {
            result.append(max(range.lowerBound, offset)..<range.upperBound)
        }
        return result
    }
}

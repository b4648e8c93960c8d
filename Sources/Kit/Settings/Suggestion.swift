/// Guesses the name that a mistyped one stands for, for messages only.
package enum Suggestion {
    /// The candidate that differs least from `name`, if it differs little: by a third of its letters at most.
    /// Case, hyphens and underscores do not count. Of equals the first is taken.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let wanted = normalized(name)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let letters = normalized(candidate)
            let distance = distance(wanted, letters)
            guard distance <= max(1, max(wanted.count, letters.count) / 3), letters.count > distance else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func normalized(_ name: String) -> [UInt8] {
        name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}

package import Events
internal import JSONBytes

/// Decides whether events match patterns. Keep one: its working memory is reused.
///
/// The search tries a field's values in turn and, for each that fits, the next fields. It remembers through which
/// elements of which arrays it came, so that further fields of the same array are only looked for in that element.
/// A field that fails says which of those elements it was limited to. Where they are none of the field's before it,
/// other values of that one cannot help, and the search goes back at once; so independent arrays cost their sum, not
/// their product. What is left of hostile events is bounded by the steps that they may cost.
package struct PatternMatcher {
    /// How many elements and members the patterns may look at for one event: less than a second's work, and far more
    /// than any sensible event has. The stream must go on.
    static let maximumSteps = 20_000_000

    /// An element of an array that the values chosen so far are inside of.
    private struct Membership {
        let array: UnsafeRawPointer?
        let element: JSONValue
    }

    /// One field of the search.
    private struct Task {
        let fields: [Pattern.Field]
        var index: Int
        /// How many memberships the fields before brought.
        let base: Int
        /// Only ask whether there is any value.
        let onlyExistence: Bool

        var field: Pattern.Field { fields[index] }
    }

    private enum Outcome {
        case match, noMatch
        /// No other value of this field can help.
        case hopeless
    }

    /// Deeper nesting of arrays, over all fields together, than any sensible event has; bounds the stack.
    private static let maximumMemberships = MembershipSet.capacity

    private var memberships: [Membership] = []
    /// What the field that failed last was limited to, with those behind it.
    private var conflicts = MembershipSet()
    private var steps = 0

    package init() {}

    /// Whether the event matches; the only question about it.
    ///
    /// - Throws: as ``matches(_:_:steps:)`` does.
    package mutating func matches(_ pattern: Pattern, _ event: Event) throws(Rejection) -> Bool {
        var steps = 0
        return try matches(pattern, event, steps: &steps)
    }

    /// Whether the event matches.
    ///
    /// - Parameter steps: what all questions about the event have cost so far, with this one.
    /// - Throws: a rejection of the event where that is too much.
    package mutating func matches(_ pattern: Pattern, _ event: Event, steps: inout Int) throws(Rejection) -> Bool {
        self.steps = steps
        defer { steps = self.steps }
        let isMatch = pattern.branches.contains { branch in
            forget()
            return match(branch, from: 0, event)
        }
        guard self.steps <= Self.maximumSteps else {
            throw Rejection(
                .malformed, code: "too_many_values",
                message: "the event's arrays give the conditions more than \(Self.maximumSteps) values to look at",
                stage: .map)
        }
        return isMatch
    }

    private mutating func forget() {
        memberships.removeAll(keepingCapacity: true)
        conflicts = MembershipSet()
    }

    /// The first field of each branch that, together with those before it, no value of the event meets; nothing where
    /// the pattern matches. For people: every step asks the whole question again.
    mutating func failures(of pattern: Pattern, _ event: Event) -> [Pattern.Field] {
        var found: [Pattern.Field] = []
        for branch in pattern.branches {
            let failing = branch.indices.first { index in
                forget()
                steps = 0
                return !match(Array(branch[...index]), from: 0, event)
            }
            guard let failing else { return [] }
            found.append(branch[failing])
        }
        return found
    }

    private mutating func match(_ fields: [Pattern.Field], from index: Int, _ event: Event) -> Bool {
        guard index < fields.count else { return true }
        let field = fields[index]
        if field.mayBeAbsent {
            let task = Task(fields: fields, index: index, base: memberships.count, onlyExistence: true)
            if search(task, event) != .match, match(fields, from: index + 1, event) { return true }
        }
        guard !field.conditions.isEmpty else { return false }
        let task = Task(fields: fields, index: index, base: memberships.count, onlyExistence: false)
        return search(task, event) == .match
    }

    private mutating func search(_ task: Task, _ event: Event) -> Outcome {
        switch task.field.root {
        case .attribute(let attribute):
            guard let text = attribute.value(in: event) else { return .noMatch }
            return decide(.text(text), task, event)
        case .data(let path): return walk(event.data, path, from: 0, task, event)
        }
    }

    // MARK: - Values

    /// - Parameter place: which name of the path comes next.
    private mutating func walk(
        _ value: JSONValue, _ path: FieldPath, from place: Int, _ task: Task, _ event: Event
    ) -> Outcome {
        switch value.kind {
        case .array: return walk(array: value, path, from: place, task, event)
        case .object: return walk(object: value, path, from: place, task, event)
        default: return place == path.count ? decide(value, task, event) : .noMatch
        }
    }

    /// Tries the member of the next name, then those whose own names are several of the next ones with dots.
    private mutating func walk(
        object: JSONValue, _ path: FieldPath, from place: Int, _ task: Task, _ event: Event
    ) -> Outcome {
        for last in place..<path.count {
            guard let member = path.member(place...last, of: object, visits: &steps) else { continue }
            let outcome = walk(member, path, from: last + 1, task, event)
            if outcome != .noMatch { return outcome }
        }
        return .noMatch
    }

    private mutating func walk(
        array: JSONValue, _ path: FieldPath, from place: Int, _ task: Task, _ event: Event
    ) -> Outcome {
        let identity = array.raw.baseAddress
        let chosen = memberships.firstIndex { $0.array == identity }
        var outcome = Outcome.noMatch
        if let chosen {
            conflicts.insert(chosen)
            outcome = walk(memberships[chosen].element, path, from: place, task, event)
            // Values that are elements themselves go with every element.
            guard place == path.count else { return outcome }
        }
        array.forEachElement { element in
            guard outcome == .noMatch else { return }
            steps += 1
            guard steps <= Self.maximumSteps else {
                outcome = .hopeless
                return
            }
            if element.kind != .object, element.kind != .array {
                if place == path.count { outcome = decide(element, task, event) }
            } else if chosen == nil, memberships.count < Self.maximumMemberships {
                memberships.append(Membership(array: identity, element: element))
                outcome = walk(element, path, from: place, task, event)
                memberships.removeLast()
                conflicts.remove(memberships.count)
            }
        }
        return outcome
    }

    private mutating func decide(_ value: JSONValue, _ task: Task, _ event: Event) -> Outcome {
        switch value.kind {
        case .string where value.hasEscapes:
            // A buffer of its own, since the fields that follow are decided while it is lent.
            var text = ByteBuffer()
            value.appendText(to: &text)
            return decide(.text(text.bytes), task, event)
        case .string: return decide(.text(value.raw), task, event)
        case .number: return decide(.number(value.raw), task, event)
        default: return decide(.literal(value.kind), task, event)
        }
    }

    private mutating func decide(_ leaf: Condition.Leaf, _ task: Task, _ event: Event) -> Outcome {
        if task.onlyExistence { return .match }
        guard task.field.conditions.contains(where: { $0.matches(leaf) }) else { return .noMatch }
        let own = conflicts
        conflicts = MembershipSet()
        if match(task.fields, from: task.index + 1, event) { return .match }
        guard conflicts.hasAny(from: task.base), steps <= Self.maximumSteps else { return .hopeless }
        conflicts.formUnion(own)
        return .noMatch
    }
}

/// A set of memberships, by their places in the search.
private struct MembershipSet {
    static let capacity = 256

    private var words = SIMD4<UInt64>()

    mutating func insert(_ place: Int) { words[place / 64] |= 1 << UInt64(place % 64) }
    mutating func remove(_ place: Int) { words[place / 64] &= ~(1 << UInt64(place % 64)) }
    mutating func formUnion(_ other: MembershipSet) { words |= other.words }

    /// Whether there is one at `first` or behind it.
    func hasAny(from first: Int) -> Bool {
        (0..<4).contains { word in
            let hidden = max(0, min(64, first - word * 64))
            return words[word] >> UInt64(hidden) != 0
        }
    }
}

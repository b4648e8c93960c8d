package import Events
internal import JSONBytes

/// Decides whether events match patterns. Keep one: its working memory is reused.
///
/// The search tries a field's values in turn and, for each that fits, the next fields. It remembers through which
/// elements of which arrays it came, so that further fields of the same array are only looked for in that element.
/// Where the next fields failed without asking for that element, other values cannot help, and the search goes back
/// at once; so independent arrays cost their sum, not their product.
package struct PatternMatcher {
    /// An element of an array that the values chosen so far are inside of.
    private struct Membership {
        let array: UnsafeRawPointer?
        let element: JSONValue
        /// Whether a later field was limited to this element.
        var isAsked = false
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
    private static let maximumMemberships = 256

    private var memberships: [Membership] = []

    package init() {}

    package mutating func matches(_ pattern: Pattern, _ event: Event) -> Bool {
        for branch in pattern.branches {
            memberships.removeAll(keepingCapacity: true)
            if match(branch, from: 0, event) { return true }
        }
        return false
    }

    /// The first field of each branch that, together with those before it, no value of the event meets; nothing where
    /// the pattern matches. For people: every step asks the whole question again.
    mutating func failures(of pattern: Pattern, _ event: Event) -> [Pattern.Field] {
        var found: [Pattern.Field] = []
        for branch in pattern.branches {
            let failing = branch.indices.first { index in
                memberships.removeAll(keepingCapacity: true)
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
        case .data(let steps): return walk(event.data, steps[...], task, event)
        }
    }

    // MARK: - Values

    private mutating func walk(
        _ value: JSONValue, _ steps: ArraySlice<[UInt8]>, _ task: Task, _ event: Event
    ) -> Outcome {
        switch value.kind {
        case .array: return walk(array: value, steps, task, event)
        case .object:
            guard let step = steps.first, let member = step.withUnsafeBytes({ value.member($0) }) else {
                return .noMatch
            }
            return walk(member, steps.dropFirst(), task, event)
        default: return steps.isEmpty ? decide(value, task, event) : .noMatch
        }
    }

    private mutating func walk(
        array: JSONValue, _ steps: ArraySlice<[UInt8]>, _ task: Task, _ event: Event
    ) -> Outcome {
        let identity = array.raw.baseAddress
        let chosen = memberships.firstIndex { $0.array == identity }
        var outcome = Outcome.noMatch
        if let chosen {
            memberships[chosen].isAsked = true
            outcome = walk(memberships[chosen].element, steps, task, event)
            // Values that are elements themselves go with every element.
            guard steps.isEmpty else { return outcome }
        }
        array.forEachElement { element in
            guard outcome == .noMatch else { return }
            if element.kind != .object, element.kind != .array {
                if steps.isEmpty { outcome = decide(element, task, event) }
            } else if chosen == nil, memberships.count < Self.maximumMemberships {
                memberships.append(Membership(array: identity, element: element))
                outcome = walk(element, steps, task, event)
                memberships.removeLast()
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
        if match(task.fields, from: task.index + 1, event) { return .match }
        return memberships[task.base...].contains { $0.isAsked } ? .noMatch : .hopeless
    }
}

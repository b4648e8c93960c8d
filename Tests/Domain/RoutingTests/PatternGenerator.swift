/// Small patterns and events over few names and values, so that they meet often.
struct PatternGenerator {
    private var state: UInt64
    /// The conditions that the branches of the outermost `$or` have so far; nil outside of one.
    private var asked: Set<String>?

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    private mutating func pick(_ values: [String]) -> String { values[next(values.count)] }

    private mutating func list(_ count: Int, _ element: (inout Self) -> String) -> String {
        "[" + (0..<count).map { _ in element(&self) }.joined(separator: ",") + "]"
    }

    private static let names = ["a", "b", "c"]
    private static let dottedNames = ["a.b", "b.c", "c.a.b"]
    private static let texts = [
        "", "x", "X", "xy", "XY", "yx", "xyx", "é", "É", "xÉ", "ß", "a*b", "ab", #"a\\b"#, #"\"q"#, "1", "true",
        "10.0.0.1", "10.200.0.1", "::1", "0:0:0:0:0:0:0:1", "Ünï",
    ].map { "\"\($0)\"" }
    private static let numbers = [
        "0", "1", "1.0", "10e-1", "2", "2.5", "-1", "-0.5", "10", "300", "3e2", "0.1", "123456789.125",
        "9007199254740993", "12345678901234567890", "1E-7",
    ]
    // Larger blocks of addresses meet a defect of Event Ruler: it matches other values by their first digits.
    private static let blocks = [#""10.0.0.0/9""#, #""10.0.0.0/15""#, #""::/64""#]
    private static let comparable = numbers.filter { $0.count < 16 }
    private static let wildcards = ["*", "x*", "*x", "x*x", "*y*", #"a\\*b"#, "é*", #"a\\\\*"#].map { "\"\($0)\"" }

    // MARK: - Events

    /// A value of an event.
    private indirect enum Value {
        case leaf(String)
        case list([Value])
        case object([Member])

        var json: String {
            switch self {
            case .leaf(let text): text
            case .list(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
            case .object(let members):
                "{\(members.map { "\"\($0.name)\":\($0.value.json)" }.joined(separator: ","))}"
            }
        }
    }

    private struct Member {
        let name: String
        let value: Value
    }

    /// A pattern and an event, in half of all cases with a pattern that was made to fit.
    mutating func pair() -> (pattern: String, event: String) {
        let event = object(depth: 0)
        let pattern = next(2) == 0 ? fitting(event, depth: 0) : fields(Self.names, depth: 0)
        return (pattern ?? fields(Self.names, depth: 0), event.json)
    }

    private mutating func object(depth: Int) -> Value {
        let names = Self.names.filter { _ in next(4) > 0 } + Self.dottedNames.filter { _ in next(8) == 0 }
        return .object(names.map { Member(name: $0, value: value(depth: depth + 1)) })
    }

    private mutating func value(depth: Int) -> Value {
        switch next(depth > 3 ? 6 : 12) {
        case 0, 1, 2: .leaf(pick(Self.texts))
        case 3, 4: .leaf(pick(Self.numbers))
        case 5: .leaf(pick(["true", "false", "null"]))
        case 6, 7, 8: object(depth: depth)
        default: .list((0..<next(4)).map { _ in value(depth: depth + 1) })
        }
    }

    // MARK: - Patterns

    /// A pattern that has the event's own values among its conditions; nil where the value has no fields.
    private mutating func fitting(_ value: Value, depth: Int) -> String? {
        switch value {
        case .leaf: return nil
        case .list(let elements): return elements.isEmpty ? nil : fitting(elements[next(elements.count)], depth: depth)
        case .object(let all):
            // A pattern asks for each field once, and members whose names begin alike may be one.
            var beginnings: Set<Substring> = []
            let chosen = all.filter { next(4) > 0 && beginnings.insert($0.name.prefix { $0 != "." }).inserted }
            let members = chosen.map { member in
                let own = leaf(of: member.value).map { conditions(own: $0) }
                let nested = fitting(member.value, depth: depth + 1)
                return field(member.name, (next(2) == 0 ? own ?? nested : nested ?? own) ?? conditions())
            }
            return members.isEmpty ? nil : "{\(members.joined(separator: ","))}"
        }
    }

    private mutating func leaf(of value: Value) -> String? {
        switch value {
        case .leaf(let text): text
        case .list(let elements): elements.isEmpty ? nil : leaf(of: elements[next(elements.count)])
        case .object: nil
        }
    }

    /// Fields with names out of `names`, each at most once.
    private mutating func fields(_ names: [String], depth: Int) -> String {
        var names = names
        var members: [String] = []
        for _ in 0..<1 + next(2) where !names.isEmpty {
            let name = names.remove(at: next(names.count))
            let isNested = depth < 2 && next(3) == 0
            let path = next(6) == 0 ? "\(name).\(pick(Self.names))" : name
            members.append(field(path, isNested ? fields(Self.names, depth: depth + 1) : conditions()))
        }
        if !names.isEmpty, depth < 2, next(4) == 0 {
            let outer = asked
            asked = outer ?? []
            // The branches share no name with the fields beside them.
            let branches = list(2 + next(2)) { $0.fields(names, depth: depth + 1) }
            asked = outer
            members.append("\"$or\":\(branches)")
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// A field under its dotted name, or under the names one inside of the other.
    private mutating func field(_ name: String, _ value: String) -> String {
        guard let dot = name.firstIndex(of: "."), next(2) == 0 else { return "\"\(name)\":\(value)" }
        return "\"\(name[..<dot])\":{\(field(String(name[name.index(after: dot)...]), value))}"
    }

    private mutating func conditions(own: String? = nil) -> String {
        var conditions = (own.map { [$0] } ?? []) + (0..<1 + next(3)).map { _ in condition() }
        // Another defect of Event Ruler: a wildcard beside a condition that ignores case matches what neither does.
        if conditions.contains(where: { $0.contains("ignore-case") }) {
            conditions.removeAll { $0.contains("wildcard") && !$0.contains("ignore-case") }
        }
        // And another: a range behind a text makes it forget the text.
        let isRange = { (text: String) in text.hasPrefix(#"{"numeric"#) || text.hasPrefix(#"{"cidr"#) }
        conditions = conditions.filter(isRange) + conditions.filter { !isRange($0) }
        // Yet another: where two branches ask for one value, it forgets what else the second would take.
        if asked != nil { conditions = conditions.filter { asked?.insert($0).inserted == true } }
        return conditions.isEmpty ? self.conditions() : "[\(conditions.joined(separator: ","))]"
    }

    private mutating func condition() -> String {
        switch next(20) {
        case 0, 1, 2: pick(Self.texts)
        case 3, 4: pick(Self.numbers)
        case 5: pick(["true", "false", "null"])
        case 6: #"{"prefix":\#(pick(Self.texts))}"#
        case 7: #"{"suffix":\#(pick(Self.texts))}"#
        case 8: #"{"prefix":{"equals-ignore-case":\#(pick(Self.texts))}}"#
        case 9: #"{"suffix":{"equals-ignore-case":\#(pick(Self.texts))}}"#
        case 10: #"{"equals-ignore-case":\#(pick(Self.texts))}"#
        case 11: #"{"wildcard":\#(pick(Self.wildcards))}"#
        case 12: #"{"exists":\#(pick(["true", "false"]))}"#
        case 13: #"{"cidr":\#(pick(Self.blocks))}"#
        case 14: numeric()
        case 15: #"{"anything-but":\#(pick(Self.texts))}"#
        case 16: #"{"anything-but":\#(list(1 + next(2)) { $0.pick(Self.comparable) })}"#
        case 17: #"{"anything-but":\#(list(1 + next(3)) { $0.pick(Self.texts) })}"#
        default: #"{"anything-but":{\#(anythingButOperator())}}"#
        }
    }

    private mutating func numeric() -> String {
        let value = pick(Self.comparable)
        switch next(3) {
        case 0: return #"{"numeric":["\#(pick(["=", "<", "<=", ">", ">="]))",\#(value)]}"#
        case 1: return #"{"numeric":[">=",-1,"\#(pick(["<", "<="]))",\#(value)]}"#
        default: return #"{"numeric":["\#(pick([">", ">="]))",\#(value),"<=",\#(pick(Self.comparable))]}"#
        }
    }

    private mutating func anythingButOperator() -> String {
        switch next(4) {
        case 0: #""prefix":\#(list(1 + next(2)) { $0.pick(Self.texts) })"#
        case 1: #""suffix":\#(pick(Self.texts))"#
        case 2: #""wildcard":\#(list(1 + next(2)) { $0.pick(Self.wildcards) })"#
        default: #""equals-ignore-case":\#(list(1 + next(2)) { $0.pick(Self.texts) })"#
        }
    }
}
